"""The charts of usage pages. No input or output here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from console.charts import Cell, Series, TimeChart, count_cell
from console.usage_period import UsagePeriod
from inference.percentile import percentile
from inference.usage_report import Day, Report

NOTHING = Cell(number=None, words="–")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageCharts:
    """What was used over time, by whom how many, how fast, and what was withheld."""

    tokens: TimeChart
    people: TimeChart
    first_token: TimeChart
    outcomes: TimeChart
    half: str
    most: str


def usage_charts(found: Report, period: UsagePeriod, today: date) -> UsageCharts:
    """Return the charts of a report over a period."""
    steps = period.steps(today)
    days = [[found.days.get(day, Day()) for day in period.days_of(step)] for step in steps]
    beginnings = [datetime.combine(step, time.min, UTC) for step in steps]
    whole = _times([one for step in days for one in step])

    def chart(*series: Series) -> TimeChart:
        return TimeChart(steps=beginnings, series=series)

    return UsageCharts(
        tokens=chart(
            _counted("Prompt", "4", days, lambda day: day.sums.prompt),
            _counted("Reasoning", "2", days, lambda day: day.sums.reasoning),
            _counted("Answer", "1", days, lambda day: day.sums.answer),
        ),
        people=chart(_people(days)),
        first_token=chart(_within("Half of the answers", "1", days, 0.5), _within("95 of 100", "3", days, 0.95)),
        outcomes=chart(
            _counted("Withheld or held", "block", days, lambda day: day.sums.withheld),
            _counted("Failed", "others", days, lambda day: day.sums.failed),
        ),
        half=seconds_cell(percentile(whole, 0.5)).words,
        most=seconds_cell(percentile(whole, 0.95)).words,
    )


def seconds_cell(milliseconds: int | None) -> Cell:
    """Return a time as people read it, as a number of milliseconds to draw."""
    if milliseconds is None:
        return NOTHING
    words = f"{milliseconds:,} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"
    return Cell(number=milliseconds, words=words)


def _counted(name: str, ink: str, days: Sequence[Sequence[Day]], count: Callable[[Day], int]) -> Series:
    numbers = [sum(map(count, step)) for step in days]
    return Series(name=name, ink=ink, cells=list(map(count_cell, numbers)), total=count_cell(sum(numbers)))


def _people(days: Sequence[Sequence[Day]]) -> Series:
    """Return people on the busiest day of each step: days cannot be added up, as people come back."""
    numbers = [max(day.people for day in step) for step in days]
    return Series(
        name="People on a day", ink="1", cells=list(map(count_cell, numbers)), total=count_cell(max(numbers))
    )


def _within(name: str, ink: str, days: Sequence[Sequence[Day]], share: float) -> Series:
    cells = [seconds_cell(percentile(_times(step), share)) for step in days]
    whole = percentile(_times([one for step in days for one in step]), share)
    return Series(name=name, ink=ink, cells=cells, total=seconds_cell(whole))


def _times(days: Sequence[Day]) -> dict[str, int]:
    times: dict[str, int] = {}
    for bound, count in _all_times(days):
        times[bound] = times.get(bound, 0) + count
    return times


def _all_times(days: Sequence[Day]) -> Iterator[tuple[str, int]]:
    for day in days:
        yield from day.first_token.items()
