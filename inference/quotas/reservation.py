"""Reserve before a call, settle after it. Each is one guarded statement over all windows, locked in one order."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from inference.errors import OverQuota
from inference.models import LedgerEntry
from inference.quotas.amount import Amounts, amount_of, used_of
from inference.quotas.limit import Limit
from inference.quotas.limits import limits_for
from inference.quotas.measure import Measure
from inference.quotas.period import starts_of
from inference.quotas.reconciliation import reconcile
from inference.quotas.windows import Window, hold_shared, windows_of
from inference.quotas.words import refusal, warning
from inference.usage import Usage

__all__ = ["Amounts", "QuotaWarning", "background_allowed", "reconcile", "reserve", "settle_windows"]

# All or nothing. It admits while anything is left, so nobody is over by more than one reservation.
TAKE = """
WITH held AS (
    SELECT kept.id, kept.used, kept.reserved, asked.amount, asked.hard FROM inference_usagewindow AS kept
    JOIN unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS asked (id, amount, hard) ON asked.id = kept.id
    ORDER BY kept.id FOR NO KEY UPDATE OF kept
), taken AS (
    UPDATE inference_usagewindow AS kept SET reserved = kept.reserved + held.amount FROM held
    WHERE kept.id = held.id AND NOT EXISTS (SELECT 1 FROM held WHERE held.used + held.reserved >= held.hard)
    RETURNING kept.id
)
SELECT held.id, held.used, held.reserved, EXISTS (SELECT 1 FROM taken) FROM held
"""
# Every window that holds the call counts it, those that were made after it was reserved too.
GIVE = """
WITH held AS (
    SELECT kept.id, kept.measure, coalesce(taken.amount, 0) AS amount,
           kept.starts_at = (%(starts)s::jsonb ->> kept.period)::timestamptz AND kept.measure <> 'running' AS counts
    FROM inference_usagewindow AS kept
    LEFT JOIN unnest(%(ids)s::bigint[], %(amounts)s::bigint[]) AS taken (id, amount) ON taken.id = kept.id
    WHERE kept.organization_id = %(organization)s
      AND (kept.subject, kept.subject_id) IN (SELECT * FROM unnest(%(owners)s::text[], %(owner_ids)s::text[]))
      AND kept.starts_at IN (SELECT value::timestamptz FROM jsonb_each_text(%(starts)s::jsonb))
    ORDER BY kept.id FOR NO KEY UPDATE OF kept
)
UPDATE inference_usagewindow AS kept SET
    reserved = kept.reserved - held.amount,
    used = kept.used + CASE WHEN held.counts THEN coalesce((%(used)s::jsonb ->> held.measure)::bigint, 0) ELSE 0 END
FROM held WHERE kept.id = held.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaWarning:
    """A limit whose mark for a warning has been reached, and when it counts anew; a gauge has no such moment."""

    limit: Limit
    words: str
    resets_at: datetime | None


def reserve(entry: LedgerEntry, limits: Sequence[Limit], amounts: Amounts, now: datetime) -> list[QuotaWarning]:
    """Take what a call may cost from all windows that hold it, note it in the entry, and write the entry down.

    In the caller's transaction, which is to end when this raises OverQuota. Limits that are near are returned.
    """
    entry.created_at, entry.reserved_tokens = now, amounts.total
    windows = windows_of(entry.organization_id, limits, now)
    _refuse_full(windows, now)
    if windows:
        windows = _take(windows, amounts, now)
    entry.reservation = [[one.id, amount_of(one.limit.measure, amounts)] for one in windows]
    entry.save(force_insert=True)
    return [_warning(one, now) for one in windows if _is_near(one)]


def settle_windows(entry: LedgerEntry, usage: Usage) -> None:
    """Give back what an entry has reserved, and count what its call, and those after it, have used.

    In the transaction that moves the entry from RESERVED, and by who moved it: then it happens exactly once.
    """
    is_answer = entry.purpose == LedgerEntry.Purpose.ANSWER
    used = {measure.value: used_of(measure, usage) for measure in Measure}
    used[Measure.REQUESTS] = int(is_answer)
    owners = [("organization", str(entry.organization_id))]
    if is_answer:
        owners += [("group", str(group)) for group in entry.groups]
        owners += [("person", str(entry.user_id))]
    hold_shared(entry.organization_id)
    _give(entry, used, owners)


def _give(entry: LedgerEntry, used: Mapping[str, int], owners: Sequence[tuple[str, str]]) -> None:
    starts = {period: start.isoformat() for period, start in starts_of(entry.created_at).items()}
    facts: dict[str, Any] = {
        "organization": entry.organization_id,
        "starts": json.dumps(starts),
        "used": json.dumps(used),
        "ids": [number for number, _ in entry.reservation],
        "amounts": [amount for _, amount in entry.reservation],
        "owners": [owner for owner, _ in owners],
        "owner_ids": [owner_id for _, owner_id in owners],
    }
    with connection.cursor() as cursor:
        cursor.execute(GIVE, facts)


@transaction.atomic
def background_allowed(organization_id: uuid.UUID) -> bool:
    """Say whether titles and the like may be asked for: the organization's pool pays, and is not to be used up."""
    pool = [one for one in limits_for(organization_id, None) if one.is_of_tokens and one.hard is not None]
    return not any(one.is_full for one in windows_of(organization_id, pool, timezone.now()))


def _refuse_full(windows: Sequence[Window], now: datetime) -> None:
    """Raise OverQuota for the window that is full for longest."""
    full = [one for one in windows if one.is_full]
    if full:
        one = max(full, key=lambda window: window.resets_at or now)
        raise OverQuota(refusal(one.limit, one.resets_at, now), limit=one.limit, resets_at=one.resets_at)


def _take(windows: Sequence[Window], amounts: Amounts, now: datetime) -> list[Window]:
    by_id = {one.id: one for one in windows}
    taken = [amount_of(one.limit.measure, amounts) for one in windows]
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [list(by_id), taken, [one.limit.hard for one in windows]])
        rows = cursor.fetchall()
    found = [replace(by_id[number], used=used, reserved=reserved) for number, used, reserved, _ in rows]
    if not all(is_taken for *_, is_taken in rows):
        _refuse_full(found, now)
    return found


def _is_near(window: Window) -> bool:
    return window.limit.soft is not None and window.taken >= window.limit.soft


def _warning(window: Window, now: datetime) -> QuotaWarning:
    words = warning(window.limit, window.taken, window.resets_at, now)
    return QuotaWarning(limit=window.limit, words=words, resets_at=window.resets_at)
