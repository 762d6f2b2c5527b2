"""What quotas leave one answer, in tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from inference.quotas.limit import Limit
from inference.quotas.measure import Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """None bounds nothing. `context` is what is read and written in one call, `budget` the thought.

    Where tokens are reserved, `answer` is the most that is written, its thought included, and `whole` the most
    that all calls for the answer may take together.
    """

    context: int | None = None
    budget: int | None = None
    answer: int | None = None
    whole: int | None = None

    def facts(self) -> dict[str, int]:
        """Return what is bound, as JSON keeps it."""
        return {name: value for name, value in asdict(self).items() if value is not None}


UNBOUND = Caps()


def parse_caps(facts: Mapping[str, int]) -> Caps:
    """Return caps from what JSON has kept."""
    return Caps(**facts)


def caps_of(limits: Iterable[Limit]) -> Caps:
    """Return the smallest caps among limits."""
    found = list(limits)
    return Caps(context=_least(found, Measure.CONTEXT), budget=_least(found, Measure.BUDGET))


def least(*values: int | None) -> int | None:
    """Return the smallest of what bounds anything."""
    return min((value for value in values if value is not None), default=None)


def _least(limits: Iterable[Limit], measure: Measure) -> int | None:
    return least(*(one.hard for one in limits if one.measure == measure))
