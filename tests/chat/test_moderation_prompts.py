"""Prompts before the policy: what does not pass never reaches the model, a title or a history."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from accounts.models import Role
from bench.script import prompt_for
from chat.actions.decisions import Decision, decide
from chat.actions.reviews import appeal
from chat.coverage import mistakes
from chat.models import Generation, Message, Review
from chat.review_queries import own_text
from inference.models import LedgerEntry
from moderation.channel import Channel
from moderation.models import HitRecord
from moderation.policy import Policy, Risk, Rule
from moderation.verdict import Verdict
from tests.cast import Cast, join, person
from tests.chat.test_moderation_risk import score
from tests.moderation.policies import published, rule
from tests.page import Page, page_of
from tests.rows import in_thread, row_of
from tests.site import Site

QUICK = {"tokens": 3, "rate": 400}


def asked(words: str, **script: Any) -> str:
    """Return a prompt that holds these words and has the engine follow a script."""
    return prompt_for({**QUICK, **script, "note": words})


@pytest.fixture
async def page(scripted_site: Site, cast: Cast) -> AsyncIterator[Page]:
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        yield page


async def bodies(seen: aiohttp.ClientSession) -> list[dict[str, Any]]:
    """Return what the engine was asked, titles too."""
    return [one["body"] for one in await (await seen.get("/_log")).json()]


def house(*rules: Rule) -> Policy:
    return Policy(name="House rules", rules=rules)


def prompt_of(row: Generation) -> Message:
    assert row.message.parent_id is not None
    return Message.objects.get(id=row.message.parent_id)


async def test_what_is_redacted_is_redacted_for_the_model_too(
    page: Page, cast: Cast, seen: aiohttp.ClientSession
) -> None:
    version = await in_thread(published, cast.alice, house(rule(action=Verdict.REDACT)))
    _, answer = await page.ask(asked("a plum and a pear"))
    assert await page.ended(answer) == "done"
    row = await in_thread(row_of, answer)
    prompt = await in_thread(prompt_of, row)
    assert prompt.release == Message.Release.RELEASED
    assert "plum" not in prompt.parts[0]["text"] and "a [redacted: fruit] and a pear" in prompt.parts[0]["text"]
    assert "plum" not in json.dumps(await bodies(seen))
    assert row.policy_id == version.id
    assert row.manifest["policy"] == {"id": str(version.id), "number": 1, "name": "House rules"}
    assert not mistakes(prompt.coverage, prompt.parts, is_prompt=True)
    assert not mistakes(row.message.coverage, row.message.parts)
    # Its author's page shows what became of it.
    await page.until(lambda: page.parts[str(prompt.id)] == prompt.parts)
    hit = await in_thread(lambda: HitRecord.objects.get(generation_id=row.id))
    assert (hit.rule, hit.verdict, hit.channel, hit.count) == ("plums", "redact", "prompt", 1)
    assert (hit.message_id, hit.version_id, hit.role) == (prompt.id, version.id, "member")


async def test_a_blocked_prompt_is_not_asked_and_costs_nothing(
    page: Page, cast: Cast, seen: aiohttp.ClientSession
) -> None:
    await in_thread(published, cast.alice, house(rule()))
    conversation, answer = await page.ask(asked("a plum"))
    assert await page.ended(answer) == "withheld"
    row = await in_thread(row_of, answer)
    prompt = await in_thread(prompt_of, row)
    assert prompt.release == Message.Release.WITHHELD
    assert row.message.parts == []
    (receipt,) = prompt.parts
    assert (receipt["code"], receipt["receipt"]["kind"], receipt["receipt"]["category"]) == (
        "withheld",
        "words",
        "fruit",
    )
    await page.until(lambda: page.parts[str(prompt.id)] == prompt.parts)
    assert await bodies(seen) == [], "the engine was not asked"
    entry = await in_thread(lambda: LedgerEntry.objects.get(generation_id=row.id))
    assert (entry.outcome, entry.prompt_tokens, entry.answer_tokens) == ("withheld", 0, 0)
    assert not mistakes(prompt.coverage, prompt.parts, is_prompt=True)
    assert prompt.coverage["texts"][0]["withheld"] == prompt.coverage["texts"][0]["scanned"] > 0
    # What comes after it goes on without it.
    _, later = await page.ask(asked("a pear"), conversation=conversation, parent=answer)
    assert await page.ended(later) == "done"
    assert "plum" not in json.dumps(await bodies(seen))


async def test_a_held_prompt_is_answered_when_a_reviewer_lets_it_pass(
    page: Page, cast: Cast, seen: aiohttp.ClientSession
) -> None:
    await in_thread(published, cast.alice, house(rule(action=Verdict.HOLD)))
    _, answer = await page.ask(asked("a plum"))
    assert await page.ended(answer) == "held"
    row = await in_thread(row_of, answer)
    assert await bodies(seen) == []
    review = await in_thread(lambda: Review.objects.get(generation_id=row.id))
    assert (review.state, review.channel, review.rule) == ("open", "prompt", "plums")
    reviewer = await in_thread(lambda: join(cast.organization, person("Rita"), Role.REVIEWER))
    await in_thread(decide, acting=reviewer, review_id=review.id, decision=Decision(overturn=True))
    await page.until(lambda: page.states[answer] == "done")
    row = await in_thread(row_of, answer)
    prompt = await in_thread(prompt_of, row)
    assert prompt.release == Message.Release.RELEASED and "a plum" in prompt.parts[0]["text"]
    assert "a plum" in json.dumps(await bodies(seen))
    assert not mistakes(prompt.coverage, prompt.parts, is_prompt=True)


@pytest.mark.parametrize("by_risk", [False, True])
async def test_what_a_reviewer_lets_pass_is_redacted_as_ever(
    page: Page, cast: Cast, seen: aiohttp.ClientSession, by_risk: bool
) -> None:
    pears = rule("pears", term="pear", action=Verdict.REDACT)
    if by_risk:
        await in_thread(published, cast.alice, replace(house(pears), risk=Risk(review=0.1)))
        await in_thread(score, cast.bob, 5.0)
    else:
        await in_thread(published, cast.alice, house(rule(action=Verdict.HOLD), pears))
    _, answer = await page.ask(asked("a pear, a plum and a pear"))
    assert await page.ended(answer) == "held"
    row = await in_thread(row_of, answer)
    review = await in_thread(lambda: Review.objects.get(generation_id=row.id))
    kept = await in_thread(own_text, cast.bob, review.conversation_id, review.message_id)
    assert kept is not None and "a pear, a plum and a pear" in kept, "its author has the whole back"
    reviewer = await in_thread(lambda: join(cast.organization, person("Rita"), Role.REVIEWER))
    await in_thread(decide, acting=reviewer, review_id=review.id, decision=Decision(overturn=True))
    await page.until(lambda: page.states[answer] == "done")
    prompt = await in_thread(prompt_of, await in_thread(row_of, answer))
    assert "a [redacted: fruit], a plum and a [redacted: fruit]" in prompt.parts[0]["text"]
    assert "pear" not in json.dumps(await bodies(seen))
    assert not mistakes(prompt.coverage, prompt.parts, is_prompt=True)


async def test_a_blocked_prompt_that_is_let_pass_is_redacted_as_ever(
    page: Page, cast: Cast, seen: aiohttp.ClientSession
) -> None:
    pears = rule("pears", term="pear", action=Verdict.REDACT)
    await in_thread(published, cast.alice, house(rule(), pears))
    conversation, answer = await page.ask(asked("a pear, a plum and a pear"))
    assert await page.ended(answer) == "withheld"
    prompt = await in_thread(prompt_of, await in_thread(row_of, answer))
    place = {"conversation_id": uuid.UUID(conversation), "message_id": prompt.id}
    await in_thread(lambda: appeal(acting=cast.bob, **place, note="It is for the market."))
    review = await in_thread(lambda: Review.objects.get(message_id=prompt.id))
    reviewer = await in_thread(lambda: join(cast.organization, person("Rita"), Role.REVIEWER))
    await in_thread(decide, acting=reviewer, review_id=review.id, decision=Decision(overturn=True))
    await page.until(lambda: "done" in page.states.values())
    prompt = await in_thread(lambda: Message.objects.get(id=prompt.id))
    assert "a [redacted: fruit], a plum and a [redacted: fruit]" in prompt.parts[0]["text"]
    assert "pear" not in json.dumps(await bodies(seen))
    assert not mistakes(prompt.coverage, prompt.parts, is_prompt=True)


async def test_a_rule_for_others_does_not_read(page: Page, cast: Cast, seen: aiohttp.ClientSession) -> None:
    ours = Rule(
        id="plums",
        title="plums",
        category="fruit",
        action=Verdict.BLOCK,
        channels=frozenset(Channel),
        match=rule().match,
        roles=frozenset({"owner"}),
    )
    await in_thread(published, cast.alice, house(ours))
    _, answer = await page.ask(asked("a plum"))
    assert await page.ended(answer) == "done"
    assert "a plum" in json.dumps(await bodies(seen))
