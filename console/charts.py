"""Numbers as templates show them: bars in a table, and numbers over time. No input or output here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

INKS = 6
OTHERS = "Others"
Number = int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of a bar, in hundredths of its width and twelfths of its height."""

    ink: str
    start: float
    width: float
    top: int = 0
    height: int = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A row: its name, its bar and its numbers."""

    name: str
    segments: Sequence[Segment]
    numbers: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class BarTable:
    """`first` heads the names; `heads` the numbers, each with the ink of its segments, if it has any."""

    first: str
    heads: Sequence[tuple[str, str]]
    bars: Sequence[Bar]

    @property
    def rows(self) -> list[tuple[Bar, list[tuple[str, str, int]]]]:
        """Each bar with its numbers, each number with its head and ink."""
        return [(one, _headed(self.heads, one.numbers)) for one in self.bars]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A number and how it is written."""

    number: Number
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One name's numbers, one for each step; `total` is what its legend says."""

    name: str
    ink: str
    cells: Sequence[Cell]
    total: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeChart:
    """`steps` are the beginnings of the steps, in order; `is_share` says that the numbers are parts of 1."""

    steps: Sequence[datetime]
    series: Sequence[Series]
    is_share: bool = False

    @property
    def rows(self) -> list[tuple[datetime, list[Cell]]]:
        """The table below it, the newest first."""
        rows = [(step, [one.cells[at] for one in self.series]) for at, step in enumerate(self.steps)]
        return rows[::-1]


def _headed(heads: Sequence[tuple[str, str]], numbers: Sequence[int]) -> list[tuple[str, str, int]]:
    return [(head, ink, number) for (head, ink), number in zip(heads, numbers, strict=True)]


def count_cell(number: int) -> Cell:
    """Return a count as it is written."""
    return Cell(number=number, words=f"{number:,}")


def share_cell(part: int, whole: int) -> Cell:
    """Return a part of a whole as it is written: nothing of nothing is unknown, and 100% is all of it."""
    if not whole:
        return Cell(number=None, words="–")
    share = part / whole
    percent = 100 if part == whole else min(round(100 * share, 1), 99.9)
    return Cell(number=share, words=f"{percent:g}%")


def stacked(counts: Sequence[tuple[str, int]], most: int) -> list[Segment]:
    """Return a bar's segments, each an ink and a count, where `most` is the whole width."""
    segments, start = [], 0.0
    for ink, count in counts:
        width = 100 * count / most if most else 0.0
        if width:
            segments.append(Segment(ink=ink, start=round(start, 3), width=round(width, 3)))
        start += width
    return segments


def paired(counts: tuple[int, int], inks: tuple[str, str], most: int) -> list[Segment]:
    """Return two thin bars, one above the other."""
    return [
        Segment(ink=ink, start=0.0, width=round(100 * count / most, 3), top=top, height=5)
        for ink, count, top in zip(inks, counts, (0, 7), strict=True)
        if count
    ]


def bars_of(
    counts: Mapping[str, int], name: Callable[[str], str], first: str, inks: Mapping[str, str] | None = None
) -> BarTable:
    """Return counts of hits as bars, the highest first."""
    most = max(counts.values(), default=0)
    ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    bars = [
        Bar(name=name(key), segments=stacked([((inks or {}).get(key, "1"), count)], most), numbers=[count])
        for key, count in ranked
    ]
    return BarTable(first=first, heads=[("Hits", "")], bars=bars)


def over_time(
    steps: Sequence[datetime],
    counts: Mapping[str, Mapping[datetime, int]],
    name: Callable[[str], str],
    inks: Mapping[str, str] | None = None,
) -> TimeChart:
    """Return counts by name and step as a chart. Names with an ink of their own come in that order, else the highest.

    Where there are more names than inks, the last ones are counted together.
    """
    order = [key for key in inks if key in counts] if inks else _ranked(counts)
    shown, rest = order[:INKS], order[INKS:]
    if len(rest) == 1:
        shown, rest = order, []
    series = [
        _series(name(key), inks[key] if inks else str(number), [counts[key].get(step, 0) for step in steps])
        for number, key in enumerate(shown, 1)
    ]
    if rest:
        together = [sum(counts[key].get(step, 0) for key in rest) for step in steps]
        series.append(_series(OTHERS, "others", together))
    return TimeChart(steps=steps, series=series)


def _ranked(counts: Mapping[str, Mapping[datetime, int]]) -> list[str]:
    return sorted(counts, key=lambda key: (-sum(counts[key].values()), key))


def _series(name: str, ink: str, numbers: Sequence[int]) -> Series:
    return Series(name=name, ink=ink, cells=[count_cell(one) for one in numbers], total=count_cell(sum(numbers)))
