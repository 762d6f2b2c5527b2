"""How answers are made: choices resolved, thought with its budget, JSON checked and repaired, tools, made again."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from django.conf import settings

from audit.models import Event
from bench.script import prompt_for
from chat.models import Generation
from chat.worker.question import cache_salt
from inference.actions.presets import PresetDraft, create_preset
from inference.actions.rules import RulesDraft, change_rules
from inference.actions.schemas import create_schema
from inference.effort import Effort
from inference.messages import THINKING
from inference.models import ChatModel, LedgerEntry
from inference.sampling import Sampling
from tests.cast import Cast
from tests.models import add_model, withdraw
from tests.page import Page, page_of
from tests.rows import in_thread, row_of
from tests.site import Site
from tests.visitor import visitor

QUICK = 400
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
}
GOOD, WRONG, BROKEN = '{"name": "Ann", "age": 41}', '{"name": "Ann", "age": "old"}', '{"name": "Ann", '
TOOL = {
    "type": "function",
    "function": {
        "name": "find_order",
        "description": "Finds an order.",
        "parameters": {"type": "object", "properties": {"n": {"type": "integer"}}},
    },
}


@pytest.fixture
async def page(hermes: ChatModel, scripted_site: Site, cast: Cast) -> AsyncIterator[Page]:
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        yield page


async def bodies(seen: aiohttp.ClientSession) -> list[dict[str, Any]]:
    """Return what the engine was asked, titles left out."""
    log = await (await seen.get("/_log")).json()
    return [one["body"] for one in log if one["body"]["max_tokens"] > 24]


async def answered(page: Page, script: dict[str, Any], **wish: Any) -> tuple[str, Generation]:
    conversation, answer = await page.ask(prompt_for({"rate": QUICK, **script}), **wish)
    await page.ended(answer)
    row = await in_thread(row_of, answer)
    assert page.parts[answer] == row.message.parts, "what the page shows is what is kept"
    return conversation, row


def end_of(page: Page, row: Generation) -> dict[str, Any]:
    """Return the frame that told the end."""
    return next(one for one in page.frames if one["type"] == "state" and one["message"] == str(row.message_id))


def kinds(row: Generation) -> list[str]:
    return [part["type"] for part in row.message.parts]


async def test_a_thought_has_its_budget_and_is_counted_apart(
    page: Page, hermes: ChatModel, cast: Cast, seen: aiohttp.ClientSession
) -> None:
    script = {"reasoning": 6, "tokens": 3}
    _, row = await answered(page, script, settings={"model": str(hermes.id)}, options={"effort": "low"})
    thought, text = row.message.parts
    assert (thought["type"], thought["budget"], thought["tokens"]) == ("reasoning", 1024, 6)
    assert thought["text"] and thought["seconds"] >= 0 and text["type"] == "text"
    assert (row.usage["reasoning"], row.usage["answer"], row.model) == (6, 3, hermes.name)
    assert end_of(page, row)["effort"] == "low"
    entry = await in_thread(lambda: LedgerEntry.objects.get(generation_id=row.id))
    assert (entry.reasoning_tokens, entry.answer_tokens) == (6, 3)
    (body,) = await bodies(seen)
    assert body["messages"][0]["content"].startswith(THINKING)
    assert body["chat_template_kwargs"]["thinking"] is True
    assert body["cache_salt"] == cache_salt(cast.organization.id)
    assert body["seed"] == row.manifest["sampling"]["seed"]
    assert row.manifest["reasoning"] == {"effort": "low", "source": "message", "budget": 1024}
    conversation = row.message.conversation_id
    event = await in_thread(lambda: Event.objects.get(action="chat.prompt.submitted", target_id=str(row.id)))
    assert event.facts["options"] == {"effort": "low"}
    assert event.facts["settings"] == {"model": str(hermes.id)}
    # The conversation remembers its model, and not what was for one message only.
    frame = await page.open(str(conversation))
    assert frame["conversation"]["options"] == {"model": str(hermes.id)}
    assert [one["effort"] for one in frame["messages"]] == ["", "low"]
    _, later = await answered(page, {"tokens": 2}, conversation=str(conversation), parent=str(row.message_id))
    assert (later.chat_model_id, later.manifest["reasoning"]["effort"]) == (hermes.id, "off")
    # The earlier thought was not sent back.
    assert thought["text"] not in json.dumps((await bodies(seen))[-1]["messages"])


async def test_an_organizations_rules_hold_over_what_is_asked_for(
    page: Page, hermes: ChatModel, cast: Cast, seen: aiohttp.ClientSession
) -> None:
    ceilings = Sampling(temperature=0.3, max_tokens=77)
    draft = RulesDraft(default=Effort.LOW, ceiling=Effort.MEDIUM, keep_reasoning=True, ceilings=ceilings)
    await in_thread(change_rules, acting=cast.alice, draft=draft)
    wish = {"settings": {"model": str(hermes.id), "effort": "max"}}
    conversation, row = await answered(page, {"reasoning": 4, "tokens": 2}, **wish)
    assert row.manifest["reasoning"]["effort"] == "medium"
    assert row.manifest["reasoning"]["source"] == "organization"
    (body,) = await bodies(seen)
    assert (body["temperature"], body["max_tokens"]) == (0.3, 77)
    await answered(page, {"tokens": 2}, conversation=conversation, parent=str(row.message_id))
    # This organization has its thoughts sent back.
    assert row.message.parts[0]["text"].strip() in (await bodies(seen))[-1]["messages"][-2]["content"]


async def test_json_is_shown_as_it_comes_and_found_right(
    page: Page, hermes: ChatModel, cast: Cast, seen: aiohttp.ClientSession
) -> None:
    version = await in_thread(create_schema, acting=cast.alice, name="Person", description="", document=PERSON)
    options = {"model": str(hermes.id), "format": "schema", "schema": str(version.id), "effort": "low"}
    _, row = await answered(page, {"text": GOOD, "reasoning": 3}, options=options)
    assert kinds(row) == ["reasoning", "json"]
    part = row.message.parts[1]
    assert part == {"type": "json", "schema": "Person", "text": GOOD, "valid": True, "problem": ""}
    assert end_of(page, row)["json"] == {"valid": True, "problem": ""}
    assert row.manifest["schema"] == {"id": str(version.id), "name": "Person", "number": 1}
    (body,) = await bodies(seen)
    assert body["response_format"]["json_schema"]["schema"] == PERSON
    assert "<schema>" in body["messages"][0]["content"]
    _, plain = await answered(page, {"text": f"```json\n{GOOD}\n```"}, options={"format": "json"})
    assert plain.message.parts == [{"type": "json", "schema": "", "text": GOOD, "valid": True, "problem": ""}]


async def test_wrong_json_is_repaired_once_with_the_error(
    page: Page, hermes: ChatModel, cast: Cast, seen: aiohttp.ClientSession
) -> None:
    version = await in_thread(create_schema, acting=cast.alice, name="Person", description="", document=PERSON)
    options = {"model": str(hermes.id), "format": "schema", "schema": str(version.id), "effort": "low"}
    script = {"text": WRONG, "reasoning": 3, "then": {"text": GOOD, "rate": QUICK}}
    _, row = await answered(page, script, options=options)
    assert row.message.parts[-1] == {"type": "json", "schema": "Person", "text": GOOD, "valid": True, "problem": ""}
    first, second = await bodies(seen)
    assert WRONG in second["messages"][-2]["content"]
    assert "“age” must be a whole number." in second["messages"][-1]["content"]
    assert first["chat_template_kwargs"]["thinking"] and not second["chat_template_kwargs"]["thinking"]
    log = await (await seen.get("/_log")).json()
    tokens = sum(one["sent"] for one in log if one["body"]["max_tokens"] > 24)
    assert (row.usage["answer"] + row.usage["reasoning"], row.usage["reasoning"]) == (tokens, 3)
    assert row.manifest["attempts"] == 2


@pytest.mark.parametrize(
    ("script", "text", "problem"),
    [
        ({"text": WRONG, "then": {"text": BROKEN}}, BROKEN, "The answer ends before the JSON is whole."),
        ({"text": WRONG, "then": {"status": 500}}, WRONG, "“age” must be a whole number."),
        ({"text": BROKEN, "finish": "length"}, BROKEN, "The answer ended before the JSON was whole."),
    ],
)
async def test_what_stays_wrong_is_marked(
    script: dict[str, Any], text: str, problem: str, page: Page, hermes: ChatModel, cast: Cast
) -> None:
    version = await in_thread(create_schema, acting=cast.alice, name="Person", description="", document=PERSON)
    options = {"model": str(hermes.id), "format": "schema", "schema": str(version.id)}
    _, row = await answered(page, script, options=options)
    assert row.state == "done"
    part = row.message.parts[0]
    assert (part["text"], part["valid"], part["problem"]) == (text, False, problem)


async def test_a_stopped_answer_in_json_is_not_whole(page: Page, hermes: ChatModel) -> None:
    options = {"model": str(hermes.id), "format": "json"}
    _, answer = await page.ask(prompt_for({"text": '{"a": "' + "x" * 4000 + '"}', "rate": 40}), options=options)
    await page.until(lambda: len(page.text(answer, "json")) > 20)
    await page.send(action="stop", generation=page.generations[answer])
    assert await page.ended(answer) == "stopped"
    row = await in_thread(row_of, answer)
    assert row.message.parts[0]["valid"] is False
    assert row.message.parts[0]["problem"] == "The answer ended before the JSON was whole."


async def test_an_assistants_tools_are_declared_and_their_calls_shown(
    page: Page, hermes: ChatModel, cast: Cast, seen: aiohttp.ClientSession
) -> None:
    draft = PresetDraft(name="Clerk", system_prompt="You keep the books.", model_id=hermes.id, tools=[TOOL])
    preset = await in_thread(create_preset, acting=cast.alice, draft=draft)
    script = {"tokens": 2, "calls": [["find_order", '{"n": 7}'], ["find_order", "{'n': "]]}
    conversation, row = await answered(page, script, settings={"preset": str(preset.id)})
    assert row.chat_model_id == hermes.id, "the assistant's own model"
    assert kinds(row) == ["text", "tool_call", "tool_call"]
    good, bad = row.message.parts[1:]
    assert (good["name"], json.loads(good["text"]), good["problem"]) == ("find_order", {"n": 7}, "")
    assert bad["problem"]
    (body,) = await bodies(seen)
    assert body["tools"] == [TOOL]
    assert "You keep the books." in body["messages"][0]["content"]
    await answered(page, {"tokens": 2}, conversation=conversation, parent=str(row.message_id))
    roles = [one["role"] for one in (await bodies(seen))[-1]["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "user"]
    assert row.manifest["preset"] == {"id": str(preset.id), "version": 1, "name": "Clerk"}


async def test_an_answer_is_made_again_as_it_was(
    page: Page, hermes: ChatModel, cast: Cast, seen: aiohttp.ClientSession
) -> None:
    conversation, row = await answered(
        page, {"reasoning": 2, "tokens": 3}, options={"model": str(hermes.id), "effort": "low"}
    )
    again = {
        "action": "regenerate",
        "conversation": conversation,
        "message": str(row.message.parent_id),
        "again": str(row.id),
    }
    answer = str(uuid.uuid4())
    await page.send(**again, answer=answer, ref="again")
    assert (await page.answer_to("again"))["type"] == "accepted"
    assert await page.ended(answer) == "done"
    first, second = await bodies(seen)
    assert first == second
    made = await in_thread(row_of, answer)
    assert made.manifest == row.manifest and made.chat_model_id == hermes.id
    await in_thread(withdraw, hermes)
    await page.send(**again, answer=str(uuid.uuid4()), ref="gone")
    refusal = await page.answer_to("gone")
    assert (refusal["type"], refusal["text"]) == (
        "refused",
        "This model is not available any more. Choose another one.",
    )


async def test_what_is_not_on_offer_is_refused_in_words(page: Page, hermes: ChatModel, cast: Cast) -> None:
    elsewhere = await in_thread(create_schema, acting=cast.charlie, name="Secret", description="", document=PERSON)
    nothing = str(uuid.uuid4())
    wishes: list[tuple[dict[str, Any], str]] = [
        ({"options": {"model": nothing}}, "model"),
        ({"settings": {"preset": nothing}}, "assistant"),
        ({"options": {"format": "schema", "schema": str(elsewhere.id)}}, "schema"),
        ({"settings": {"model": nothing}, "options": {"model": str(hermes.id)}}, "model"),
        ({"settings": []}, "“settings” must be an object"),
    ]
    for wish, words in wishes:
        ref, conversation = str(uuid.uuid4()), str(uuid.uuid4())
        asked = {"conversation": conversation, "message": str(uuid.uuid4()), "parent": None, "text": "Hello"}
        await page.send(action="send", ref=ref, **asked, **wish)
        answer = await page.answer_to(ref)
        assert answer["type"] == "refused" and words in answer["text"], wish
        assert (await page.open(conversation))["type"] == "refused", "nothing was written"


async def test_a_thought_without_an_answer_is_no_answer(page: Page, hermes: ChatModel) -> None:
    _, row = await answered(page, {"reasoning": 3, "tokens": 0}, options={"model": str(hermes.id), "effort": "on"})
    assert (row.state, kinds(row)) == ("done", ["reasoning"])
    assert "without an answer" in row.words


async def test_the_details_of_an_answer_are_for_its_reader(
    page: Page, hermes: ChatModel, cast: Cast, _static: None
) -> None:
    options = {"model": str(hermes.id), "effort": "low"}
    conversation, row = await answered(page, {"tokens": 2}, options=options)

    def look() -> str:
        browser = visitor()
        browser.cookies[settings.SESSION_COOKIE_NAME] = page.session_key
        address = f"/o/{cast.organization.slug}/c/{conversation}/answers/{row.message_id}/"
        return browser.get(address).content.decode()

    shown = await in_thread(look)
    for fact in (hermes.name, "vllm", "low, at most 1,024 tokens", str(row.manifest["sampling"]["seed"])):
        assert fact in shown
    assert "http://" not in shown, "no address of a server"


async def test_a_full_server_is_passed_over_for_another_one(scripted_site: Site, scripted: str, cast: Cast) -> None:
    """Both are asked in turn: whichever comes first, no answer fails."""
    card = {"id": "scripted", "object": "model", "owned_by": "vllm", "max_model_len": 65_536}
    refusals = 0

    async def models(request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [card]})

    async def busy(request: web.Request) -> web.Response:
        nonlocal refusals
        refusals += 1
        return web.json_response({"error": {"message": "The engine is currently busy"}}, status=503)

    application = web.Application()
    application.add_routes([web.get("/v1/models", models), web.post("/v1/chat/completions", busy)])
    runner = web.AppRunner(application)
    await runner.setup()
    place = web.TCPSite(runner, "127.0.0.1", 0)
    await place.start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    model = await in_thread(add_model, cast.organization, address, f"{scripted}/v1")
    try:
        async with await in_thread(page_of, scripted_site, cast.bob) as page:
            rows = [(await answered(page, {"tokens": 2}, options={"model": str(model.id)}))[1] for _ in range(4)]
        assert [row.state for row in rows] == ["done"] * 4
        assert refusals and 2 in {row.manifest["attempts"] for row in rows}
    finally:
        await in_thread(withdraw, model)
        await runner.cleanup()


async def test_a_real_engine_is_held_to_a_schema(site: Site, cast: Cast) -> None:
    """The small model would never write this by itself."""
    schema = {
        "type": "object",
        "properties": {"colour": {"enum": ["red", "blue"]}, "count": {"enum": [1, 2]}},
        "required": ["colour", "count"],
        "additionalProperties": False,
    }
    version = await in_thread(create_schema, acting=cast.alice, name="Paint", description="", document=schema)
    async with await in_thread(page_of, site, cast.bob) as page:
        options = {"format": "schema", "schema": str(version.id)}
        _, answer = await page.ask("How many pots of which colour shall I buy?", options=options)
        assert await page.ended(answer) == "done"
        row = await in_thread(row_of, answer)
    (part,) = row.message.parts
    assert part["type"] == "json" and part["valid"], part
    assert set(json.loads(part["text"])) == {"colour", "count"}
    assert row.manifest["engine"]["kind"] == "llama.cpp" and len(row.manifest["engine"]["template"]) == 64
