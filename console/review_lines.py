"""Reviews in words for people: what was withheld, by which rule of which policy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chat.models import Review
from moderation.channel import Channel
from moderation.verdict import Verdict

WHAT = {
    Channel.PROMPT: "message",
    Channel.ATTACHMENT: "attachment",
    Channel.REASONING: "thinking of an answer",
    Channel.ANSWER: "answer",
    Channel.TOOL_CALL: "call of a tool",
    Channel.TOOL_RESULT: "result of a tool",
    Channel.TITLE: "title",
}
OUTCOMES = {
    Review.State.KEPT: "Nobody asked",
    Review.State.OPEN: "Waits",
    Review.State.UPHELD: "Agreed with the policy",
    Review.State.OVERTURNED: "Let pass",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLine:
    """One review, without any text of the member."""

    review: Review
    what: str
    why: str
    outcome: str
    is_held: bool
    is_open: bool
    rule: str
    category: str
    policy: str


def line_of(review: Review) -> ReviewLine:
    """Return a review as a line."""
    held = review.verdict == Verdict.HOLD.word
    document = review.version.document if review.version else {}
    rule = _title(document.get("rules", ()), review.rule)
    category = _title(document.get("categories", ()), review.category)
    return ReviewLine(
        review=review,
        what=WHAT.get(Channel(review.channel), review.channel),
        why="Held" if held else "Appealed",
        outcome=OUTCOMES[Review.State(review.state)],
        is_held=held,
        is_open=review.state == Review.State.OPEN,
        rule=rule or "No single rule",
        category=category,
        policy=str(review.version) if review.version else "A policy that was deleted",
    )


def _title(entries: Iterable[dict[str, Any]], id: str) -> str:
    return next((str(one.get("title") or id) for one in entries if one.get("id") == id), id)
