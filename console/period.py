"""The periods that charts of moderation show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A period that ends now, in `count` steps. Steps begin at full ones, so the newest is not full yet."""

    id: str
    title: str
    step: timedelta
    count: int

    def since(self, now: datetime) -> datetime:
        """Return where the first step begins: counted from midnight, UTC."""
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        begun = midnight + (now - midnight) // self.step * self.step
        return begun - (self.count - 1) * self.step

    def steps(self, now: datetime) -> list[datetime]:
        """Return where each step begins."""
        first = self.since(now)
        return [first + at * self.step for at in range(self.count)]


PERIODS: Sequence[Period] = (
    Period(id="24h", title="24 hours", step=timedelta(hours=1), count=24),
    Period(id="7d", title="7 days", step=timedelta(hours=6), count=28),
    Period(id="30d", title="30 days", step=timedelta(days=1), count=30),
    Period(id="90d", title="90 days", step=timedelta(days=1), count=90),
)
USUAL = PERIODS[1]


def period_of(id: str) -> Period:
    """Return a period by its name; what is unknown is the usual one."""
    return next((one for one in PERIODS if one.id == id), USUAL)
