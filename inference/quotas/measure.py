"""What a quota counts, and over which periods that makes sense. The words are the rows' own."""

from __future__ import annotations

from enum import StrEnum

from inference.quotas.period import Period


class Measure(StrEnum):
    TOKENS = "tokens"
    PROMPT = "prompt"
    ANSWER = "answer"
    REASONING = "reasoning"
    REQUESTS = "requests"
    RUNNING = "running"
    """Answers at the same time: a gauge, which empties by itself."""
    BUDGET = "budget"
    CONTEXT = "context"


OF_TOKENS = frozenset({Measure.TOKENS, Measure.PROMPT, Measure.ANSWER, Measure.REASONING})
"""Measures that add up what engines have read and written."""
COUNTED = OF_TOKENS | {Measure.REQUESTS, Measure.RUNNING}
"""Measures that need a window; the others bound a single request."""
OVER_TIME = (Period.MINUTE, Period.HOUR, Period.DAY, Period.MONTH)


def periods_of(measure: str) -> tuple[Period, ...]:
    """Return the periods over which a measure may be limited."""
    if measure in OF_TOKENS or measure == Measure.REQUESTS:
        return OVER_TIME
    return (Period.NONE,)
