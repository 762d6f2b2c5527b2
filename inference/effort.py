"""How much a model may think before it answers.

Hermes 4 knows only on and off; the steps between them are token budgets that the engine, or we, enforce.
`max` ends below the 30,000 tokens at which Hermes 4 was trained to close its thoughts (Hermes 4 report, section 3.1).
"""

from __future__ import annotations

from enum import StrEnum


class Effort(StrEnum):
    """From least to most: `on` thinks without a budget."""

    OFF = "off"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    MAX = "max"
    ON = "on"

    @property
    def budget(self) -> int | None:
        """The most tokens of thought; None means that there is no such limit."""
        return BUDGETS.get(self)

    @property
    def thinks(self) -> bool:
        return self is not Effort.OFF


BUDGETS = {Effort.LOW: 1024, Effort.MEDIUM: 4096, Effort.HIGH: 16384, Effort.MAX: 28672}
ORDER = {effort: place for place, effort in enumerate(Effort)}


def lesser(one: Effort, other: Effort) -> Effort:
    """Return the effort that thinks less."""
    return min(one, other, key=ORDER.__getitem__)


def allowed(ceiling: Effort) -> tuple[Effort, ...]:
    """Return the efforts up to a ceiling, least first."""
    return tuple(effort for effort in Effort if ORDER[effort] <= ORDER[ceiling])
