"""The calendar's periods, in UTC. Clocks and rows are passed in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Period(StrEnum):
    NONE = ""
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


def window_of(period: str, now: datetime) -> tuple[datetime, datetime]:
    """Return the period that holds this moment: its first moment, and the first after it."""
    at = now.astimezone(UTC).replace(second=0, microsecond=0)
    match Period(period):
        case Period.NONE:
            return EPOCH, FOREVER
        case Period.MINUTE:
            return at, at + timedelta(minutes=1)
        case Period.HOUR:
            start = at.replace(minute=0)
            return start, start + timedelta(hours=1)
        case Period.DAY:
            start = at.replace(minute=0, hour=0)
            return start, start + timedelta(days=1)
        case Period.MONTH:
            start = at.replace(minute=0, hour=0, day=1)
            return start, (start + timedelta(days=32)).replace(day=1)


def starts_of(now: datetime) -> dict[str, datetime]:
    """Return when each period that holds this moment began."""
    return {period.value: window_of(period, now)[0] for period in Period}
