"""How long those in a line will wait, told from how long recent answers took. No clock and no database in here."""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heapreplace

# An answer this many answers ago counts a third of the newest one.
LASTING = 24
NO_SERVER = (
    "No server of this model answers now. Your answer begins by itself as soon as one does. You can also leave the "
    "line and choose another model."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where somebody is in a line of so many. `seconds` is None where nothing is known of the pace.

    `words` say why the line does not move, where it does not.
    """

    place: int
    of: int
    seconds: float | None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long recent answers of a model held their slots, in seconds, the newest first.

    `gap` is how long a slot then stays empty, while people wait.
    """

    durations: Sequence[float]
    gap: float = 0.0

    @property
    def is_known(self) -> bool:
        return bool(self.durations)

    @property
    def typical(self) -> float:
        """Return the mean, the newest counting most: of the many that one waits for the long ones make the time."""
        return _mean(self._weighed())

    def left(self, elapsed: float) -> float:
        """Return how long an answer that began so long ago still takes: what those took that lasted longer."""
        longer = [(one - elapsed, weight) for one, weight in self._weighed() if one > elapsed]
        return _mean(longer) if longer else self.typical / 2

    def _weighed(self) -> Iterator[tuple[float, float]]:
        for at, one in enumerate(self.durations):
            yield one, math.exp(-at / LASTING)


def _mean(weighed: Iterable[tuple[float, float]]) -> float:
    total = weights = 0.0
    for one, weight in weighed:
        total += one * weight
        weights += weight
    return total / weights


def pace_of(durations: Sequence[float], *, slots: int, ended: int, seconds: float) -> Pace:
    """Return the pace, when so many answers have ended in the seconds in which every slot was wanted."""
    pace = Pace(durations)
    if not pace.is_known or not 0 < slots <= ended:
        return pace
    return Pace(durations, gap=max(0.0, slots * seconds / ended - pace.typical))


def foresee(line: Sequence[uuid.UUID], running: Sequence[float], slots: int, pace: Pace) -> dict[uuid.UUID, Place]:
    """Return each one's place in a line, and when it is likely to begin.

    `running` is for how long each answer has held its slot. Each slot is taken by the next in line when it is free.
    Without a slot nobody answers.
    """
    words = "" if slots else NO_SERVER
    begins = _beginnings(len(line), running, slots, pace) if slots and pace.is_known else [None] * len(line)
    return {
        one: Place(place=at, of=len(line), seconds=seconds, words=words)
        for at, (one, seconds) in enumerate(zip(line, begins, strict=True), 1)
    }


def _beginnings(count: int, running: Sequence[float], slots: int, pace: Pace) -> list[float | None]:
    ends = sorted(pace.left(elapsed) + pace.gap for elapsed in running)
    # Where more run than there are slots, the first to end make room for nobody.
    free = [0.0] * (slots - len(ends)) + ends[max(0, len(ends) - slots) :]
    heapify(free)
    begins: list[float | None] = []
    for _ in range(count):
        begins.append(free[0])
        heapreplace(free, free[0] + pace.typical + pace.gap)
    return begins
