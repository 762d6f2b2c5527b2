"""Limits in plain words. No input or output here."""

from __future__ import annotations

from collections.abc import Mapping

from inference.quotas.limit import Subject
from inference.quotas.measure import Measure
from inference.quotas.period import Period

# What somebody may do, and with how many of what.
VERBS: Mapping[str, tuple[str, str]] = {
    Measure.TOKENS: ("use", "{} token{s}"),
    Measure.PROMPT: ("have the model read", "{} token{s}"),
    Measure.ANSWER: ("have", "{} token{s} of answers written"),
    Measure.REASONING: ("have", "{} token{s} of reasoning written"),
    Measure.REQUESTS: ("send", "{} request{s}"),
    Measure.RUNNING: ("have", "{} answer{s} written at the same time"),
    Measure.BUDGET: ("have", "{} token{s} of reasoning in one answer"),
    Measure.CONTEXT: ("send", "{} token{s} in one request, with the conversation before it"),
}
TITLES: Mapping[str, str] = {
    Measure.TOKENS: "Tokens",
    Measure.PROMPT: "Tokens read",
    Measure.ANSWER: "Tokens of answers",
    Measure.REASONING: "Tokens of reasoning",
    Measure.REQUESTS: "Requests",
    Measure.RUNNING: "Answers at the same time",
    Measure.BUDGET: "Reasoning in one answer",
    Measure.CONTEXT: "Length of one request",
}
PER: Mapping[str, str] = {
    Period.NONE: "",
    Period.MINUTE: " per minute",
    Period.HOUR: " per hour",
    Period.DAY: " per day",
    Period.MONTH: " per month",
}
CAPS = (Measure.BUDGET, Measure.CONTEXT)
"""What bounds one request, and is used up by nobody."""


def title_of(measure: str, period: str) -> str:
    """Return what a limit counts, such as “Tokens per day”."""
    return f"{TITLES[measure]}{PER[period]}"


def amount_of(measure: str, period: str, number: int) -> str:
    """Return an amount of it, such as “100,000 tokens per day”."""
    words = VERBS[measure][1].format(f"{number:,}", s="" if number == 1 else "s")
    return f"{words}{PER[period]}"


def sentence_of(whom: str, measure: str, period: str, soft: int | None, hard: int | None) -> str:
    """Return a limit as a sentence; `whom` begins it, such as “Each member”."""
    verb = VERBS[measure][0]
    if hard is None:
        if soft is None:
            return f"{whom} may {verb} as much as there is."
        return f"{whom} may go on past {amount_of(measure, period, soft)}, with a warning."
    upto = "at most" if measure not in CAPS else "up to"
    said = f"{whom} may {verb} {upto} {amount_of(measure, period, hard)}"
    return f"{said}, with a warning from {soft:,} on." if soft is not None else f"{said}."


def whom_of(subject: str, group: str = "", person: str = "") -> str:
    """Return whom a limit is about, as the beginning of a sentence."""
    return {
        Subject.ORGANIZATION: "The whole organization together",
        Subject.GROUP: f"The group {group} together",
        Subject.GROUP_MEMBER: f"Each member of the group {group}",
        Subject.MEMBER: "Each member",
        Subject.PERSON: person,
    }[Subject(subject)]
