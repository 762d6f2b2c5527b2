"""What people are told about their quotas."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from inference.quotas.limit import Limit, Subject
from inference.quotas.measure import Measure

WHAT = {
    Measure.TOKENS: "tokens",
    Measure.PROMPT: "tokens read",
    Measure.ANSWER: "tokens of answers",
    Measure.REASONING: "tokens of reasoning",
    Measure.REQUESTS: "requests",
    Measure.RUNNING: "answers at the same time",
    Measure.BUDGET: "tokens of reasoning in one answer",
    Measure.CONTEXT: "tokens in one request",
}
EACH = {"minute": " a minute", "hour": " an hour", "day": " a day", "month": " a month", "": ""}


def amount_words(limit: Limit, number: int) -> str:
    """Return a number of what a limit counts: “10,000 tokens a day”."""
    what = WHAT[Measure(limit.measure)]
    if number == 1:
        first, *rest = what.split(" ")
        what = " ".join([first.removesuffix("s"), *rest])
    return f"{number:,} {what}{EACH[limit.period]}"


def refusal(limit: Limit, resets_at: datetime | None, now: datetime) -> str:
    """Return why a request is refused, and when it would be taken."""
    who, most = _whose(limit), amount_words(limit, limit.hard or 0)
    they = "it is" if limit.hard == 1 else "they are"
    if resets_at is None:
        return f"{who} {_be(limit)} {most}. Wait for one to end, or stop it."
    return f"{who} {_be(limit)} {most}, and {they} used up. Send it again {when(resets_at, now)}."


def warning(limit: Limit, used: int, resets_at: datetime | None, now: datetime) -> str:
    """Return what a person is told whose use has reached the mark for a warning."""
    whole = limit.hard if limit.hard is not None else limit.soft or 0
    start = f"{_counted(limit)} {used:,} of {amount_words(limit, whole)}."
    if resets_at is None:
        return start
    return f"{start} The count begins again {when(resets_at, now)}."


def when(at: datetime, now: datetime) -> str:
    """Return a moment to come, in words that need no calendar where it is near."""
    left = at - now
    if left <= timedelta(minutes=2):
        return f"in {max(1, round(left.total_seconds()))} seconds"
    if left <= timedelta(hours=2):
        return f"in {round(left.total_seconds() / 60)} minutes"
    return f"at {at.astimezone(UTC):%H:%M} UTC on {at.astimezone(UTC):%-d %B}"


def _whose(limit: Limit) -> str:
    if limit.subject == Subject.ORGANIZATION:
        return "Your organization together"
    return f"{limit.label} together" if limit.subject == Subject.GROUP else "You"


def _counted(limit: Limit) -> str:
    if limit.subject == Subject.ORGANIZATION:
        return "Your organization has used"
    return f"{limit.label} has used" if limit.subject == Subject.GROUP else "You have used"


def _be(limit: Limit) -> str:
    return "has" if limit.subject in (Subject.ORGANIZATION, Subject.GROUP) else "have"
