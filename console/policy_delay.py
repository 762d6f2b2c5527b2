"""Say what waiting for a classifier means to people, as its time is typed."""

from __future__ import annotations

from dataclasses import dataclass

from console.policy_words import MODES
from moderation.channel import Channel
from moderation.policy import Classified, Mode, Rule
from moderation.verdict import Verdict
from moderation.windows import worst_delay


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDelay:
    """`mode` is the choice's title, `words` its cost at worst."""

    mode: str
    words: str


def delays(typed: object) -> list[ShownDelay]:
    """Return the cost of each choice for a time in seconds; nothing for what is no time."""
    try:
        budget = round(float(str(typed)) * 1000)
    except (ValueError, OverflowError):
        return []
    return [ShownDelay(mode=MODES[mode].title, words=_words(mode, budget)) for mode in Mode]


def _words(mode: Mode, budget_ms: int) -> str:
    rule = Rule(
        id="typed",
        title="",
        category="",
        action=Verdict.FLAG,
        channels=frozenset(Channel),
        match=Classified(mode=mode, budget_ms=budget_ms),
    )
    found = worst_delay(rule)
    return found.words if found else ""
