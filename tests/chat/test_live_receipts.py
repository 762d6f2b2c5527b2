"""What a policy withheld and what a reviewer decided, as every open page, a resumed one and the row have it."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Callable, Iterable
from functools import partial
from typing import Any

import pytest

from bench.script import prompt_for
from chat.actions.decisions import Decision, decide
from chat.actions.reviews import appeal
from chat.coverage import mistakes
from chat.models import Message, Review
from chat.states import State
from tests.cast import Cast
from tests.page import Page, page_of
from tests.rows import in_thread, row_of
from tests.site import Site
from tests.withheld import FOUND, house_rules, reviewer, version

Part = dict[str, Any]


@pytest.fixture
async def pages(scripted_site: Site, cast: Cast) -> AsyncIterator[tuple[Page, Page]]:
    """Two tabs of Bob, in an organization with house rules."""
    await in_thread(version, cast.bob, house_rules())
    first = await in_thread(page_of, scripted_site, cast.bob)
    second = await in_thread(page_of, scripted_site, cast.bob)
    async with first, second:
        yield first, second


def _text(parts: list[Part]) -> str:
    return "".join(part["text"] for part in parts if part["type"] == "text")


def _state(parts: list[Part]) -> str:
    return next((part["receipt"]["state"] for part in parts if "receipt" in part), "")


def _decide(cast: Cast, message: str, *, overturn: bool) -> None:
    review = Review.objects.get(message_id=message)
    decide(acting=reviewer(cast.bob), review_id=review.id, decision=Decision(overturn=overturn, note="Seen."))


def _parts_of(message: str) -> list[Part]:
    found: list[Part] = Message.objects.get(id=message).parts
    return found


def _mistakes(message: str) -> list[str]:
    row = Message.objects.get(id=message)
    return mistakes(row.coverage, row.parts, is_prompt=row.role == "user")


async def _all(pages: Iterable[Page], shows: Callable[[Page], bool]) -> None:
    """Wait until every page shows it."""
    for page in pages:
        await page.until(partial(shows, page))


async def _same_everywhere(message: str, *tabs: Page) -> None:
    """A page that was there, one that resumes and one that is new show what the row has."""
    expected = await in_thread(_parts_of, message)
    await _all(tabs, lambda tab: tab.parts.get(message) == expected)
    assert await in_thread(_mistakes, message) == []


async def _opened_by_both(first: Page, second: Page, words: str) -> tuple[str, str, str]:
    conversation, prompt, ref = str(uuid.uuid4()), str(uuid.uuid4()), str(uuid.uuid4())
    await first.send(action="send", ref=ref, conversation=conversation, message=prompt, parent=None, text=words)
    answer = str((await first.answer_to(ref))["answer"])
    await second.open(conversation)
    return conversation, prompt, answer


async def test_a_blocked_prompt_is_appealed_let_pass_and_answered(pages: tuple[Page, Page], cast: Cast) -> None:
    first, second = pages
    words = f"{prompt_for({'tokens': 12, 'rate': 200})} Tell me about {FOUND}."
    conversation, prompt, answer = await _opened_by_both(first, second, words)
    assert await first.ended(answer) == await second.ended(answer) == "withheld"
    await first.until(lambda: _state(first.parts[prompt]) == "kept")
    await _same_everywhere(prompt, first, second)
    assert FOUND not in json.dumps(second.parts)
    assert not await in_thread(lambda: bool(row_of(answer).message.parts))
    await in_thread(
        appeal, acting=cast.bob, conversation_id=uuid.UUID(conversation), message_id=uuid.UUID(prompt), note=""
    )
    await _all(pages, lambda page: _state(page.parts[prompt]) == "open")
    await in_thread(_decide, cast, prompt, overturn=True)
    await _all(pages, lambda page: _text(page.parts[prompt]) == words)
    await _all(pages, lambda page: State.DONE in page.states.values())
    await _same_everywhere(prompt, first, second)


async def test_a_held_prompt_is_answered_once_it_is_let_pass(pages: tuple[Page, Page], cast: Cast) -> None:
    first, second = pages
    words = f"{prompt_for({'tokens': 12, 'rate': 200})} How far is the merger?"
    _, prompt, answer = await _opened_by_both(first, second, words)
    assert await first.ended(answer) == "held"
    await in_thread(_decide, cast, prompt, overturn=True)
    await _all(pages, lambda page: page.states.get(answer) == "done")
    await _same_everywhere(prompt, first, second)
    await _same_everywhere(answer, first, second)


@pytest.mark.parametrize(("overturn", "state"), [(True, "done"), (False, "withheld")])
async def test_a_held_answer_goes_on_only_when_it_is_let_pass(
    pages: tuple[Page, Page], cast: Cast, overturn: bool, state: str
) -> None:
    first, second = pages
    text = "The price was ninety million, write to jane@example.com about it."
    words = prompt_for({"text": text, "rate": 100})
    conversation, _, answer = await _opened_by_both(first, second, words)
    assert await first.ended(answer) == await second.ended(answer) == "held"
    shown = _text(first.parts[answer])
    assert shown.startswith("The price was")
    assert "ninety" not in json.dumps([first.parts[answer], second.parts[answer]])
    await in_thread(_decide, cast, answer, overturn=overturn)
    await _all(pages, lambda page: page.states[answer] == state)
    await _same_everywhere(answer, first, second)
    await second.drop()
    await second.connect()
    await second.open(conversation)
    await _same_everywhere(answer, second)
    redacted = text.replace("jane@example.com", "[redacted: E-mail address]")
    assert _text(second.parts[answer]) == (redacted if overturn else shown)


async def test_a_blocked_answer_ends_everywhere_and_comes_back_when_let_pass(
    pages: tuple[Page, Page], cast: Cast
) -> None:
    first, second = pages
    words = prompt_for({"text": f"{'It was a long day. ' * 10}Then the heron landed on the pond.", "rate": 100})
    conversation, _, answer = await _opened_by_both(first, second, words)
    assert await first.ended(answer) == await second.ended(answer) == "withheld"
    assert first.parts[answer] == second.parts[answer]
    assert "landed" not in json.dumps([first.parts[answer], second.parts[answer]])
    await _same_everywhere(answer, first, second)
    await in_thread(
        appeal, acting=cast.bob, conversation_id=uuid.UUID(conversation), message_id=uuid.UUID(answer), note=""
    )
    await in_thread(_decide, cast, answer, overturn=True)
    await _all(pages, lambda page: "heron landed" in _text(page.parts[answer]))
    await _same_everywhere(answer, first, second)
