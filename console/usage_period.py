"""The periods that usage pages show, in days (UTC), the last of which is today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class UsagePeriod:
    """`step` days are shown together."""

    id: str
    title: str
    step: int
    count: int

    def since(self, today: date) -> date:
        """Return the first day."""
        return today - timedelta(days=self.step * self.count - 1)

    def steps(self, today: date) -> list[date]:
        """Return the first day of each step."""
        first = self.since(today)
        return [first + timedelta(days=at * self.step) for at in range(self.count)]

    def days_of(self, step: date) -> list[date]:
        """Return the days that are shown together from one on."""
        return [step + timedelta(days=at) for at in range(self.step)]


PERIODS: Sequence[UsagePeriod] = (
    UsagePeriod(id="7d", title="7 days", step=1, count=7),
    UsagePeriod(id="30d", title="30 days", step=1, count=30),
    UsagePeriod(id="90d", title="90 days", step=1, count=90),
    UsagePeriod(id="12m", title="12 months", step=7, count=53),
)
USUAL = PERIODS[1]


def usage_period_of(id: str) -> UsagePeriod:
    """Return a period by its name; what is unknown is the usual one."""
    return next((one for one in PERIODS if one.id == id), USUAL)
