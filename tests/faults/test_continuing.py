"""Going on from a cut answer, with an engine that counts as strictly as vLLM and one that has little room."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest

from bench.script import prompt_for
from chat.models import Generation, Message, WorkerBeat
from chat.prompts import TRIMMED_CODE
from chat.states import State
from inference.engine import TRIAL_MODEL
from inference.models import ChatModel
from tests.cast import Cast
from tests.models import add_model, withdraw
from tests.page import Page, page_of
from tests.rows import in_thread, row_of
from tests.site import Site, wait_until

ESSAY = "The river bends and goes on, past stones. "


@pytest.fixture
async def http(scripted: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(scripted) as session:
        yield session
        await session.post("/_reset")
        await in_thread(wait_until, lambda: _model() in ("scripted", TRIAL_MODEL), "the worker's notice")


async def become(http: aiohttp.ClientSession, **card: Any) -> None:
    """Make the engine another model, and wait until the worker has noticed."""
    await http.post("/_card", json=card)
    await in_thread(wait_until, lambda: _model() == card["id"], "the worker's notice")


def _model() -> str:
    return str(WorkerBeat.objects.latest("seen_at").engine["model"])


async def cut(page: Page, prompt: str, parts: list[dict[str, Any]], **under: Any) -> str:
    """Ask, and make of the answer one that was interrupted after these parts."""
    _, answer = await page.ask(prompt, **under)
    assert await page.ended(answer) == "done"
    row = await in_thread(row_of, answer)
    await in_thread(lambda: Generation.objects.filter(id=row.id).update(state=State.INTERRUPTED))
    await in_thread(lambda: Message.objects.filter(id=answer).update(parts=parts))
    return answer


async def go_on(page: Page, answer: str) -> None:
    """Press continue and wait until the worker has begun."""
    row = await in_thread(row_of, answer)
    await page.send(action="continue", ref=f"on-{answer}", generation=str(row.id))
    await in_thread(wait_until, lambda: row_of(answer).epoch > row.epoch, "the claim")


async def ended(answer: str) -> Generation:
    await in_thread(wait_until, lambda: row_of(answer).state not in ("queued", "running"), "the end")
    return await in_thread(row_of, answer)


def text_of(row: Generation) -> str:
    return "".join(part["text"] for part in row.message.parts if part["type"] == "text")


async def test_what_was_written_counts_towards_the_context(
    scripted_site: Site, cast: Cast, http: aiohttp.ClientSession
) -> None:
    await become(http, id="narrow", max_model_len=4096)
    shown = ESSAY * 12
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        answer = await cut(page, prompt_for({"text": "To the sea."}), [{"type": "text", "text": shown}])
        await go_on(page, answer)
        row = await ended(answer)
    assert (row.state, row.words, row.model) == ("done", "", "narrow")
    assert text_of(row) == shown + "To the sea."


async def test_a_long_cut_answer_is_counted_by_the_engine_and_goes_on(site: Site, cast: Cast) -> None:
    """In bytes it would fill the embedded model's context; in tokens it is a quarter of that."""
    shown = ESSAY * 90
    async with await in_thread(page_of, site, cast.bob) as page:
        answer = await cut(page, "Tell of a river. Answer in one sentence.", [{"type": "text", "text": shown}])
        await go_on(page, answer)
        await page.send(action="stop", generation=page.generations[answer])
        row = await ended(answer)
    assert row.state in ("done", "stopped"), row.words
    assert text_of(row).startswith(shown)


async def test_going_on_from_a_whole_answer_says_nothing_wrong(scripted_site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        answer = await cut(page, prompt_for({"tokens": 0}), [{"type": "text", "text": "Whole."}])
        await go_on(page, answer)
        row = await ended(answer)
    assert (row.state, row.words, text_of(row)) == ("done", "", "Whole.")


async def test_a_trimmed_chat_says_so_once(scripted_site: Site, cast: Cast, http: aiohttp.ClientSession) -> None:
    await become(http, id="narrow", max_model_len=4096)
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        conversation, first = await page.ask(prompt_for({"text": ESSAY * 70, "rate": 4000}))
        assert await page.ended(first) == "done"
        prompt = prompt_for({"text": "return 1\n```"})
        _, answer = await page.ask(prompt, conversation=conversation, parent=first)
        assert await page.ended(answer) == "done"
        row = await in_thread(row_of, answer)
        assert [part.get("code") for part in row.message.parts] == [TRIMMED_CODE, None]
        cut_here = [row.message.parts[0], {"type": "text", "text": "```\n"}]
        await in_thread(lambda: Generation.objects.filter(id=row.id).update(state=State.INTERRUPTED))
        await in_thread(lambda: Message.objects.filter(id=answer).update(parts=cut_here))
        await go_on(page, answer)
        row = await ended(answer)
    assert row.message.parts == [cut_here[0], {"type": "text", "text": "```\nreturn 1\n```"}]


async def test_a_model_that_took_the_place_of_another_is_noticed(
    scripted_site: Site, cast: Cast, http: aiohttp.ClientSession
) -> None:
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        await become(http, id="successor", max_model_len=65_536)
        _, answer = await page.ask(prompt_for({"tokens": 3}))
        assert await page.ended(answer) == "done"
        row = await in_thread(row_of, answer)
        log = await (await http.get("/_log")).json()
    assert row.model == "successor"
    assert log[-1]["body"]["max_tokens"] < 65_536


@pytest.fixture
def hermes(scripted_site: Site, scripted: str, cast: Cast) -> Iterator[ChatModel]:
    model = add_model(cast.organization, f"{scripted}/v1")
    yield model
    withdraw(model)


async def test_a_cut_thought_is_gone_on_with(
    scripted_site: Site, cast: Cast, http: aiohttp.ClientSession, hermes: ChatModel
) -> None:
    thought = {"type": "reasoning", "text": "First this, ", "budget": 1024, "seconds": 2.0, "tokens": 3}
    options = {"model": str(hermes.id), "effort": "low"}
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        answer = await cut(page, prompt_for({"reasoning": 4, "text": "So."}), [thought], options=options)
        await go_on(page, answer)
        row = await ended(answer)
        (request,) = [
            one["body"] for one in await (await http.get("/_log")).json() if one["body"].get("continue_final_message")
        ]
    assert request["messages"][-1] == {"role": "assistant", "content": "<think>\nFirst this, "}
    on, text = row.message.parts
    assert on["text"].startswith("First this, the river") and text == {"type": "text", "text": "So."}
    assert (on["budget"], on["tokens"]) == (1024, 7) and on["seconds"] >= 2
    assert row.usage["reasoning"] == 4, "what was thought before is not paid again"


async def test_cut_json_is_gone_on_with_and_then_looked_at(
    scripted_site: Site, cast: Cast, http: aiohttp.ClientSession, hermes: ChatModel
) -> None:
    begun = {"type": "json", "schema": "", "text": '{"a": ', "valid": False, "problem": "cut"}
    options = {"model": str(hermes.id), "format": "json"}
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        answer = await cut(page, prompt_for({"text": "1}"}), [begun], options=options)
        await go_on(page, answer)
        row = await ended(answer)
        (request,) = [
            one["body"] for one in await (await http.get("/_log")).json() if one["body"].get("continue_final_message")
        ]
    assert "response_format" not in request, "a grammar would begin anew in the middle"
    assert row.message.parts == [{"type": "json", "schema": "", "text": '{"a": 1}', "valid": True, "problem": ""}]
