"""What somebody asks the audit page for, read from its address."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from django.http import QueryDict

from audit.queries import LONGEST_WORDS, Filter, Place
from console.audit_areas import BY_ID
from console.period import Period, period_of
from console.queries import as_id

SYSTEM = "system"
ACTION = re.compile(r"[a-z_]+(\.[a-z_]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`until` is the last day that is shown, None for today. What cannot be read is not asked for."""

    period: Period
    until: date | None = None
    area: str = ""
    action: str = ""
    who: str = ""
    target: str = ""
    words: str = ""
    before: Place | None = None
    after: Place | None = None

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """Return what an address asks for."""
        area, action = query.get("area", ""), query.get("action", "")
        return cls(
            period=period_of(query.get("period", "")),
            until=_day(query.get("until", "")),
            area=area if area in BY_ID else "",
            action=action if ACTION.fullmatch(action) else "",
            who=_who(query.get("who", "")),
            target=query.get("target", "").replace("\x00", "")[:110],
            words=" ".join(query.get("q", "").replace("\x00", "").split())[:LONGEST_WORDS],
            before=Place.read(query.get("before", "")),
            after=Place.read(query.get("after", "")),
        )

    @property
    def narrows(self) -> bool:
        """Whether anything but the period is asked for."""
        return bool(self.area or self.action or self.who or self.target or self.words)

    def end(self, now: datetime) -> datetime:
        """Return the last moment that is shown."""
        if self.until is None:
            return now
        return min(now, datetime.combine(self.until, time.max, UTC))

    def filter(self, organization_id: uuid.UUID, now: datetime) -> Filter:
        """Return the events that are asked for, of one organization."""
        kind, _, id = self.target.partition(":")
        who = as_id(self.who)
        return Filter(
            organization_id=organization_id,
            actions=(self.action,) if self.action else tuple(BY_ID[self.area].prefixes) if self.area else (),
            actors=() if not self.who else (who,),
            targets=((kind, id),) if kind else (),
            since=self.period.since(self.end(now)),
            until=None if self.until is None else self.end(now) + timedelta(microseconds=1),
            words=self.words,
        )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # Far from the ends of the calendar, where there is no period before and no day after.
    return day if 2000 <= day.year <= 2999 else None


def _who(text: str) -> str:
    found = as_id(text)
    return str(found) if found else SYSTEM if text == SYSTEM else ""
