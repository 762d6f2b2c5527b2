"""Compare the windows with the ledger, and put right what differs. Nothing does in ordinary life.

Windows that nothing goes by any more are deleted: the ledger keeps what they have added up.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from inference.quotas.sums import part, whose

# One statement sees windows and ledger as of one moment; what others change meanwhile is kept, as only the
# differences are added.
HEAL = f"""
WITH wanted AS (
    SELECT kept.id, kept.used, kept.reserved, (
        SELECT coalesce(sum({part("kept.measure")}), 0) FROM inference_ledgerentry AS entry
        WHERE entry.organization_id = kept.organization_id AND entry.outcome <> 'reserved' AND kept.period <> ''
          AND entry.created_at >= kept.starts_at
          AND entry.created_at < kept.starts_at + ('1 ' || coalesce(nullif(kept.period, ''), 'day'))::interval
          AND {whose("kept.subject", "kept.subject_id")}
    ) AS right_used, (
        SELECT coalesce(sum((part ->> 1)::bigint), 0)
        FROM inference_ledgerentry AS entry, jsonb_array_elements(entry.reservation) AS part
        WHERE entry.outcome = 'reserved' AND entry.organization_id = kept.organization_id
          AND (part ->> 0)::bigint = kept.id
    ) AS right_reserved
    FROM inference_usagewindow AS kept WHERE kept.organization_id = %s
), healed AS (
    UPDATE inference_usagewindow AS kept
    SET used = kept.used + wanted.right_used - wanted.used,
        reserved = kept.reserved + wanted.right_reserved - wanted.reserved
    FROM wanted WHERE kept.id = wanted.id
      AND (wanted.used, wanted.reserved) IS DISTINCT FROM (wanted.right_used, wanted.right_reserved)
    RETURNING kept.*, wanted.right_used - wanted.used AS more_used, wanted.right_reserved - wanted.reserved AS more
)
SELECT organization_id, subject, subject_id, measure, period, more_used, more FROM healed ORDER BY id
"""

# What is reserved in one may still be given back.
FORGET = """
DELETE FROM inference_usagewindow WHERE organization_id = %s AND period <> '' AND reserved = 0
    AND starts_at + ('1 ' || period)::interval < %s
"""
KEPT = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A window that was wrong, and by how much."""

    organization_id: uuid.UUID
    subject: str
    subject_id: str
    measure: str
    period: str
    used: int
    reserved: int


def reconcile(organization_id: uuid.UUID | None = None) -> list[Drift]:
    """Put the windows of one organization, or of all, right by the ledger; return those that were wrong."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT organization_id FROM inference_usagewindow")
        places = [organization_id] if organization_id else [row[0] for row in cursor.fetchall()]
        found = []
        for place in places:
            cursor.execute(HEAL, [place])
            found += [_drift(row) for row in cursor.fetchall()]
    return found


def forget_past(organization_id: uuid.UUID, now: datetime) -> int:
    """Delete an organization's windows of periods that are long over; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET, [organization_id, now - KEPT])
        return int(cursor.rowcount)


def _drift(row: tuple[uuid.UUID, str, str, str, str, int, int]) -> Drift:
    names = ("organization_id", "subject", "subject_id", "measure", "period", "used", "reserved")
    return Drift(**dict(zip(names, row, strict=True)))  # type: ignore[arg-type]
