"""Answers before the policy: every channel, every verdict, at every open page and in every row."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from accounts.models import Role
from bench.script import prompt_for
from chat import token_log
from chat.actions.decisions import Decision, decide
from chat.coverage import mistakes
from chat.models import Generation, Review
from chat.redis_link import connect
from chat.withheld import opened
from inference.actions.presets import PresetDraft, create_preset
from inference.models import ChatModel, LedgerEntry
from moderation.actions.versions import shadow, unpublish
from moderation.channel import Channel
from moderation.models import HitRecord, OrganizationPolicy, ShadowTally
from moderation.policy import Policy, Rule, Terms
from moderation.verdict import Verdict
from tests.cast import Cast, join, person
from tests.moderation.policies import published
from tests.page import Page, page_of
from tests.rows import in_thread, row_of
from tests.site import Site

SECRET = "plum"
TOOL = {
    "type": "function",
    "function": {
        "name": "find_order",
        "description": "Finds an order.",
        "parameters": {"type": "object", "properties": {"n": {"type": "string"}}},
    },
}


@pytest.fixture
async def page(hermes: ChatModel, scripted_site: Site, cast: Cast) -> AsyncIterator[Page]:
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        yield page


def house(action: Verdict, *channels: Channel, term: str = SECRET) -> Policy:
    """A policy with one rule about one word; it reads no prompts, which hold the engine's script."""
    reads = frozenset(channels or (Channel.ANSWER, Channel.REASONING, Channel.TOOL_CALL))
    rule = Rule(
        id="plums", title="plums", category="fruit", action=action, channels=reads, match=Terms(terms=(term,))
    )
    return Policy(name="House rules", rules=(rule,))


async def told(page: Page, script: dict[str, Any], **wish: Any) -> Generation:
    """Have an answer made and settled; what the page shows is what is kept, and it adds up."""
    _, answer = await page.ask(prompt_for({"rate": 400, **script}), **wish)
    await page.ended(answer)
    row = await in_thread(row_of, answer)
    assert page.parts[answer] == row.message.parts, "what the page shows is what is kept"
    if row.policy_id is not None:
        assert mistakes(row.message.coverage, row.message.parts) == []
    return row


def without_prompts(frame: dict[str, Any]) -> dict[str, Any]:
    """Return a frame without what was asked: that holds the engine's script."""
    messages = [one for one in frame.get("messages", []) if one["role"] != "user"]
    is_prompt = frame.get("message", {}).get("role") == "user" if isinstance(frame.get("message"), dict) else False
    return {} if is_prompt else {**frame, "messages": messages}


async def nowhere(row: Generation, page: Page, secret: str = SECRET) -> None:
    """The secret is in no row, no log and no frame."""
    redis = connect()
    entries = await token_log.read(redis, row.id)
    await redis.aclose()
    assert entries, "the log is there"
    assert not [entry for entry in entries if secret in entry.value]
    assert secret not in json.dumps(row.message.parts)
    assert secret not in json.dumps([without_prompts(frame) for frame in page.frames])
    assert secret not in page.text(str(row.message_id))


def receipt_in(row: Generation) -> dict[str, Any]:
    (found,) = [part for part in row.message.parts if "receipt" in part]
    return dict(found["receipt"])


async def test_an_answer_is_redacted(page: Page, cast: Cast) -> None:
    await in_thread(published, cast.alice, house(Verdict.REDACT))
    row = await told(page, {"text": "One ripe plum, and another plum."})
    assert row.state == "done"
    assert row.message.parts == [
        {"type": "text", "text": "One ripe [redacted: fruit], and another [redacted: fruit]."}
    ]
    await nowhere(row, page)
    (entry,) = row.message.coverage["texts"]
    assert (entry["scanned"], entry["redacted"], entry["markers"]) == (32, 8, 34)
    hit = await in_thread(lambda: HitRecord.objects.get(generation_id=row.id))
    assert (hit.verdict, hit.channel, hit.count, hit.message_id) == ("redact", "answer", 2, row.message_id)


async def test_a_blocked_answer_ends_with_a_receipt(page: Page, cast: Cast) -> None:
    version = await in_thread(published, cast.alice, house(Verdict.BLOCK))
    row = await told(page, {"text": "One ripe plum, and another plum."})
    assert row.state == "withheld"
    assert row.message.parts[0] == {"type": "text", "text": "One ripe "}
    receipt = receipt_in(row)
    assert (receipt["verdict"], receipt["channel"], receipt["version"]) == ("block", "answer", 1)
    await nowhere(row, page)
    review = await in_thread(lambda: Review.objects.get(generation_id=row.id))
    assert (str(review.id), review.version_id, review.state) == (receipt["review"], version.id, "kept")
    kept = opened(review.sealed)
    assert kept is not None and kept.before == "One ripe "
    assert [kept.text[start:end] for start, end in kept.spans][:1] == [SECRET]
    entry = await in_thread(lambda: LedgerEntry.objects.get(generation_id=row.id))
    assert (entry.outcome, entry.answer_tokens > 0) == ("withheld", True)


async def test_a_held_answer_goes_on_when_a_reviewer_lets_it_pass(page: Page, cast: Cast) -> None:
    await in_thread(published, cast.alice, house(Verdict.HOLD))
    row = await told(page, {"text": "One ripe plum, and another plum."})
    assert row.state == "held"
    assert row.message.parts[0] == {"type": "text", "text": "One ripe "}
    assert receipt_in(row)["state"] == "open"
    await nowhere(row, page)
    reviewer = await in_thread(lambda: join(cast.organization, person("Rita"), Role.REVIEWER))
    review = await in_thread(lambda: Review.objects.get(generation_id=row.id))
    await in_thread(decide, acting=reviewer, review_id=review.id, decision=Decision(overturn=True))
    answer = str(row.message_id)
    await page.until(lambda: page.states[answer] == "done")
    row = await in_thread(row_of, answer)
    assert row.message.parts[0] == {"type": "text", "text": "One ripe plum, and another plum."}
    assert page.parts[answer] == row.message.parts
    assert mistakes(row.message.coverage, row.message.parts) == []


@pytest.mark.parametrize(("action", "state"), [(Verdict.BLOCK, "withheld"), (Verdict.HOLD, "held")])
async def test_what_is_thought_is_read_too(
    action: Verdict, state: str, page: Page, hermes: ChatModel, cast: Cast
) -> None:
    await in_thread(published, cast.alice, house(action, Channel.REASONING, term="bends"))
    options = {"model": str(hermes.id), "effort": "low"}
    row = await told(page, {"reasoning": 8, "text": "Only a pear."}, options=options)
    assert row.state == state
    thought = row.message.parts[0]
    assert (thought["type"], thought["text"]) == ("reasoning", "the river ")
    assert [part["type"] for part in row.message.parts] == ["reasoning", "notice"], "nothing of the answer"
    await nowhere(row, page, "bends")
    if action is Verdict.HOLD:
        review = await in_thread(lambda: Review.objects.get(generation_id=row.id))
        kept = opened(review.sealed)
        assert kept is not None and [part["type"] for part in kept.parts] == ["reasoning", "text"]
        assert kept.parts[1]["text"] == "Only a pear."


@pytest.mark.parametrize("action", [Verdict.REDACT, Verdict.BLOCK, Verdict.HOLD])
async def test_a_tools_arguments_and_its_name_are_read(
    action: Verdict, page: Page, hermes: ChatModel, cast: Cast
) -> None:
    await in_thread(published, cast.alice, house(action))
    draft = PresetDraft(name="Clerk", system_prompt="You keep the books.", model_id=hermes.id, tools=[TOOL])
    preset = await in_thread(create_preset, acting=cast.alice, draft=draft)
    calls = [["find_order", '{"n": "a plum"}'], ["plum", "{}"]]
    row = await told(page, {"text": "Let me look.", "calls": calls}, settings={"preset": str(preset.id)})
    await nowhere(row, page)
    kinds = [part["type"] for part in row.message.parts]
    if action is Verdict.REDACT:
        assert kinds == ["text", "tool_call", "tool_call"]
        assert json.loads(row.message.parts[1]["text"]) == {"n": "a [redacted: fruit]"}
        assert row.message.parts[2]["name"] == "[redacted: fruit]"
        return
    assert kinds == ["text", "notice"] and receipt_in(row)["channel"] == "tool_call"
    review = await in_thread(lambda: Review.objects.get(generation_id=row.id))
    kept = opened(review.sealed)
    assert kept is not None
    if action is Verdict.HOLD:
        assert [(part["name"], part["text"]) for part in kept.parts] == [tuple(call) for call in calls]
    else:
        assert kept.text.startswith(SECRET)


async def test_json_is_redacted_and_judged_as_it_is_shown(page: Page, hermes: ChatModel, cast: Cast) -> None:
    await in_thread(published, cast.alice, house(Verdict.REDACT))
    options = {"model": str(hermes.id), "format": "json"}
    row = await told(page, {"text": '```json\n{"fruit": "a plum"}\n```'}, options=options)
    (part,) = row.message.parts
    assert (json.loads(part["text"]), part["valid"]) == ({"fruit": "a [redacted: fruit]"}, True)
    await nowhere(row, page)


async def test_a_repaired_answer_is_read_as_well(page: Page, hermes: ChatModel, cast: Cast) -> None:
    await in_thread(published, cast.alice, house(Verdict.BLOCK))
    options = {"model": str(hermes.id), "format": "json"}
    script = {"text": '{"fruit": ', "then": {"text": '{"fruit": "a plum"}', "rate": 400}}
    row = await told(page, script, options=options)
    assert row.state == "withheld"
    assert row.message.parts[0]["text"] == '{"fruit": '
    await nowhere(row, page)


async def test_without_a_policy_nothing_is_written_down(page: Page, cast: Cast) -> None:
    row = await told(page, {"text": "One ripe plum."})
    assert (row.state, row.policy_id, row.message.coverage, row.manifest["policy"]) == ("done", None, {}, None)


async def test_a_published_version_is_for_the_next_answer(page: Page, cast: Cast) -> None:
    first = await in_thread(published, cast.alice, house(Verdict.FLAG))
    _, answer = await page.ask(prompt_for({"text": "pear " * 60 + SECRET, "rate": 40}))
    await page.until(lambda: len(page.text(answer)) > 20)
    second = await in_thread(published, cast.alice, house(Verdict.BLOCK))
    assert await page.ended(answer) == "done"
    row = await in_thread(row_of, answer)
    assert (row.policy_id, page.text(answer)) == (first.id, "pear " * 60 + SECRET)
    row = await told(page, {"text": "A plum."})
    assert (row.policy_id, row.state) == (second.id, "withheld")
    await in_thread(unpublish, acting=cast.alice)
    row = await told(page, {"text": "A plum."})
    assert (row.policy_id, row.state) == (None, "done")


async def test_a_watching_version_changes_nothing(page: Page, cast: Cast) -> None:
    stricter = await in_thread(published, cast.alice, house(Verdict.BLOCK))
    enforced = await in_thread(published, cast.alice, house(Verdict.REDACT))
    await in_thread(shadow, acting=cast.alice, version_id=stricter.id)
    row = await told(page, {"text": "A plum, and a pear."})
    assert row.message.parts == [{"type": "text", "text": "A [redacted: fruit], and a pear."}]
    hits = await in_thread(lambda: list(HitRecord.objects.filter(generation_id=row.id).order_by("shadow")))
    assert [(hit.version_id, hit.shadow, hit.verdict) for hit in hits] == [
        (enforced.id, False, "redact"),
        (stricter.id, True, "block"),
    ]
    tallies = await in_thread(lambda: list(ShadowTally.objects.filter(version=stricter).order_by("channel")))
    assert [(one.channel, one.agreed, one.stricter, one.milder) for one in tallies] == [
        ("answer", 0, 1, 0),
        ("prompt", 1, 0, 0),
    ]


async def test_a_version_that_only_watches_reads_where_nothing_is_enforced(page: Page, cast: Cast) -> None:
    version = await in_thread(published, cast.alice, house(Verdict.BLOCK))
    await in_thread(unpublish, acting=cast.alice)
    await in_thread(shadow, acting=cast.alice, version_id=version.id)
    row = await told(page, {"text": "A plum."})
    assert (row.state, row.message.parts[0]["text"], row.message.coverage) == ("done", "A plum.", {})
    hit = await in_thread(lambda: HitRecord.objects.get(generation_id=row.id))
    assert (hit.shadow, hit.verdict) == (True, "block")


async def test_a_version_that_cannot_be_read_lets_nothing_pass(
    page: Page, cast: Cast, seen: aiohttp.ClientSession
) -> None:
    version = await in_thread(published, cast.alice, house(Verdict.FLAG, term="pear"))

    def spoil() -> None:
        version.document = {"name": "House rules", "rules": "none"}
        version.digest = "0" * 64
        version.save()

    await in_thread(spoil)
    row = await told(page, {"text": "A plum."})
    assert row.state == "withheld"
    assert receipt_in(row)["kind"] == "check failed"
    assert await (await seen.get("/_log")).json() == [], "the engine was not asked"
    await in_thread(lambda: OrganizationPolicy.objects.filter(organization=cast.organization).delete())


async def test_a_block_closes_upstream_at_once_and_every_page_is_told(
    page: Page, scripted_site: Site, cast: Cast, seen: aiohttp.ClientSession
) -> None:
    await in_thread(published, cast.alice, house(Verdict.BLOCK))
    async with await in_thread(page_of, scripted_site, cast.bob) as other:
        text = "pear " * 20 + "plum " + "pear " * 400
        conversation, answer = await page.ask(prompt_for({"text": text, "rate": 40}))
        await other.open(conversation)
        assert await page.ended(answer) == "withheld"
        assert await other.ended(answer) == "withheld"
        row = await in_thread(row_of, answer)
        assert page.parts[answer] == other.parts[answer] == row.message.parts
        assert page.text(answer) == "pear " * 20
        await nowhere(row, other)
        async with await in_thread(page_of, scripted_site, cast.bob) as third:
            await third.open(conversation)
            assert third.parts[answer] == row.message.parts
    (asked,) = [one for one in await (await seen.get("/_log")).json() if one["body"]["max_tokens"] > 24]
    assert asked["closed_by_client"], "upstream was closed"
    # The token that decided was the 27th, 25 ms after the one before it.
    decided = asked["first_byte"] + 26 / 40 * 1e9
    assert asked["closed_by_client"] - decided < 200e6
    entry = await in_thread(lambda: LedgerEntry.objects.get(generation_id=row.id))
    assert (entry.outcome, entry.estimated) == ("withheld", True)
    assert 0 < entry.answer_tokens < 200


async def test_a_stop_lets_out_what_was_read(page: Page, cast: Cast) -> None:
    await in_thread(published, cast.alice, house(Verdict.BLOCK))
    _, answer = await page.ask(prompt_for({"text": "pear " * 400, "rate": 40}))
    await page.until(lambda: len(page.text(answer)) > 20)
    await page.send(action="stop", generation=page.generations[answer])
    assert await page.ended(answer) == "stopped"
    row = await in_thread(row_of, answer)
    assert page.parts[answer] == row.message.parts
    assert mistakes(row.message.coverage, row.message.parts) == []
    assert row.message.coverage["texts"][0]["scanned"] == len(row.message.parts[0]["text"])
