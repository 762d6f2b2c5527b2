"""How much one request may take, and what one call has used, by measure."""

from __future__ import annotations

from dataclasses import dataclass

from inference.quotas.measure import Measure
from inference.usage import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """Upper bounds in tokens. `answer` is the most that is written, its thought included; `reasoning` the thought."""

    prompt: int
    answer: int
    reasoning: int = 0

    @property
    def total(self) -> int:
        return self.prompt + self.answer


def amount_of(measure: str, amounts: Amounts) -> int:
    """Return what a request reserves of a measure."""
    match Measure(measure):
        case Measure.TOKENS:
            return amounts.total
        case Measure.PROMPT:
            return amounts.prompt
        case Measure.ANSWER:
            return amounts.answer
        case Measure.REASONING:
            return amounts.reasoning
        case Measure.REQUESTS | Measure.RUNNING:
            return 1
        case Measure.BUDGET | Measure.CONTEXT:
            return 0


def used_of(measure: str, usage: Usage) -> int:
    """Return how many tokens of a measure calls have used; 0 for measures that do not count tokens."""
    match Measure(measure):
        case Measure.TOKENS:
            return usage.prompt + usage.answer + usage.reasoning
        case Measure.PROMPT:
            return usage.prompt
        case Measure.ANSWER:
            return usage.answer
        case Measure.REASONING:
            return usage.reasoning
        case _:
            return 0
