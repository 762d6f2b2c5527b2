"""The rows of what is used: found, made where they are missing, taken from, and given back to.

A window belongs to the moment at which a call was written into the ledger. One that is made is filled from the
ledger: then nobody who settles may do so unseen, so makers exclude settlers for that moment (`hold`).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from inference.quotas.limit import Limit
from inference.quotas.measure import Measure
from inference.quotas.period import window_of
from inference.quotas.sums import part, whose

FIND = """
SELECT id, subject, subject_id, measure, period, used, reserved FROM inference_usagewindow
WHERE organization_id = %s AND (subject, subject_id, measure, period, starts_at) IN (
    SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
)
"""
MAKE = f"""
INSERT INTO inference_usagewindow
    (organization_id, subject, subject_id, measure, period, starts_at, used, reserved)
SELECT %(organization)s, %(owner)s, %(owner_id)s, %(measure)s, %(period)s, %(start)s,
       coalesce(sum({part("%(measure)s")}), 0), 0
FROM inference_ledgerentry AS entry
WHERE entry.organization_id = %(organization)s AND entry.outcome <> 'reserved' AND %(measure)s <> 'running'
  AND entry.created_at >= %(start)s AND entry.created_at < %(end)s AND {whose("%(owner)s", "%(owner_id)s")}
ON CONFLICT DO NOTHING
"""
HOLD = "SELECT pg_advisory_xact_lock(hashtextextended('quota:' || %s, 0))"
HOLD_SHARED = "SELECT pg_advisory_xact_lock_shared(hashtextextended('quota:' || %s, 0))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What has been used towards a limit in the period that holds now, and what is reserved."""

    id: int
    limit: Limit
    used: int
    reserved: int
    resets_at: datetime | None

    @property
    def taken(self) -> int:
        return self.used + self.reserved

    @property
    def is_full(self) -> bool:
        return self.limit.hard is not None and self.taken >= self.limit.hard


def windows_of(organization_id: uuid.UUID, limits: Sequence[Limit], now: datetime) -> list[Window]:
    """Return the windows of the limits that count, making those that are missing."""
    counted = [one for one in limits if one.is_counted]
    found = _find(organization_id, counted, now)
    if missing := [one for one in counted if one.id not in found]:
        with transaction.atomic(savepoint=False):
            hold(organization_id)
            for limit in missing:
                _make(organization_id, limit, now)
            found = _find(organization_id, counted, now)
    return [found[one.id] for one in counted]


def hold(organization_id: uuid.UUID) -> None:
    """Let nobody settle in this organization until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [str(organization_id)])


def hold_shared(organization_id: uuid.UUID) -> None:
    """Let no window be made in this organization until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD_SHARED, [str(organization_id)])


def resets_at(limit: Limit, now: datetime) -> datetime | None:
    """Return when a limit's count begins again; None for a gauge."""
    return None if limit.measure == Measure.RUNNING else window_of(limit.period, now)[1]


def _find(organization_id: uuid.UUID, limits: Sequence[Limit], now: datetime) -> dict[uuid.UUID, Window]:
    if not limits:
        return {}
    by_key = {(one.owner, one.owner_id, one.measure, one.period): one for one in limits}
    owners, ids, measures, periods = (list(column) for column in zip(*by_key, strict=True))
    starts = [window_of(period, now)[0] for period in periods]
    with connection.cursor() as cursor:
        cursor.execute(FIND, [organization_id, owners, ids, measures, periods, starts])
        rows = cursor.fetchall()
    windows = {}
    for number, owner, owner_id, measure, period, used, reserved in rows:
        limit = by_key[owner, owner_id, measure, period]
        resets = resets_at(limit, now)
        windows[limit.id] = Window(id=number, limit=limit, used=used, reserved=reserved, resets_at=resets)
    return windows


def _make(organization_id: uuid.UUID, limit: Limit, now: datetime) -> None:
    start, end = window_of(limit.period, now)
    facts = {"owner": limit.owner, "owner_id": limit.owner_id, "measure": limit.measure, "period": limit.period}
    with connection.cursor() as cursor:
        cursor.execute(MAKE, {"organization": organization_id, "start": start, "end": end, **facts})
