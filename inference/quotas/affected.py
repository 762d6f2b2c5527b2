"""Whom a limit would touch before it is set, and what they have used. Nothing is written."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from accounts.models import GroupMembership, Membership, User
from accounts.queries import active_memberships
from inference.models import QuotaLimit
from inference.quotas.limit import SHARED, LimitDraft
from inference.quotas.measure import COUNTED, Measure
from inference.quotas.period import window_of
from inference.quotas.resolution import Person, Written, effective
from inference.quotas.sums import part, whose

LOOK_BACK = timedelta(days=30)
# The column whose largest value in one request a cap bounds.
LARGEST = {Measure.BUDGET: "reasoning_tokens", Measure.CONTEXT: "prompt_tokens"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """A person for whom a limit would hold. `used` is the person's own; over, where the pool or the person is."""

    user: User
    used: int
    over_soft: bool
    over_hard: bool


def affected(organization_id: uuid.UUID, draft: LimitDraft, now: datetime) -> list[Affected]:
    """Return the people for whom a limit would hold, those who have used most first."""
    rows = [*_others(organization_id, draft), _row(draft)]
    groups = _groups(organization_id)
    members = active_memberships().filter(organization_id=organization_id).select_related("user")
    held = [one.user for one in members if _holds(rows, one, groups.get(one.user_id, []))]
    used = _used(organization_id, draft, now)
    pool = _pool(organization_id, draft, now) if draft.subject in SHARED else None
    found = [_affected(user, used.get(user.id, 0), pool, draft) for user in held]
    return sorted(found, key=lambda one: (-one.used, one.user.email))


def _affected(user: User, used: int, pool: int | None, draft: LimitDraft) -> Affected:
    counted = used if pool is None or draft.measure not in COUNTED else pool
    return Affected(
        user=user,
        used=used,
        over_soft=draft.soft is not None and counted >= draft.soft,
        over_hard=draft.hard is not None and counted >= draft.hard,
    )


def _row(draft: LimitDraft) -> Written:
    return Written(
        id=uuid.UUID(int=0),
        subject=draft.subject,
        group_id=draft.group_id,
        group="",
        user_id=draft.user_id,
        measure=draft.measure,
        period=draft.period,
        soft=draft.soft,
        hard=draft.hard,
        by_operator=False,
        is_default=False,
    )


def _others(organization_id: uuid.UUID, draft: LimitDraft) -> list[Written]:
    """Return the limits of the same kind that hold beside it, without the one that this would replace."""
    replaced: dict[str, object] = {name: getattr(draft, name) for name in ("subject", "group_id", "user_id")}
    beside = Q(organization_id=organization_id)
    if draft.soft is None:
        beside |= Q(organization_id=None)
    else:
        # It warns of its own mark where the operator's limit is the smaller one, too.
        beside &= Q(by_operator=False)
    same = QuotaLimit.objects.filter(beside, measure=draft.measure, period=draft.period)
    names = ("id", "subject", "group_id", "user_id", "measure", "period", "soft", "hard", "by_operator")
    rows = same.exclude(by_operator=False, **replaced).annotate(is_default=Q(organization_id=None))
    return [Written(**row, group="") for row in rows.values(*names, "is_default")]


def _groups(organization_id: uuid.UUID) -> dict[uuid.UUID, list[int]]:
    rows = GroupMembership.objects.filter(group__organization_id=organization_id)
    found: dict[uuid.UUID, list[int]] = {}
    for user_id, group_id in rows.values_list("membership__user_id", "group_id"):
        found.setdefault(user_id, []).append(group_id)
    return found


def _holds(rows: list[Written], member: Membership, groups: list[int]) -> bool:
    person = Person(organization_id=member.organization_id, organization="", user_id=member.user_id, groups=groups)
    return any(one.id.int == 0 for one in effective(rows, person))


def _pool(organization_id: uuid.UUID, draft: LimitDraft, now: datetime) -> int:
    """Return what a pool has used: titles and the like are in it, and people who have left since."""
    ((_, used),) = _sums(organization_id, draft, now, whose("%(owner)s", "%(owner_id)s"), "NULL::uuid")
    return used


def _used(organization_id: uuid.UUID, draft: LimitDraft, now: datetime) -> Mapping[uuid.UUID, int]:
    """Return what each person has used in this period; of a cap, the most in one request lately."""
    answers = "entry.purpose = 'answer' AND entry.user_id IS NOT NULL"
    return dict(_sums(organization_id, draft, now, f"{answers} GROUP BY entry.user_id", "entry.user_id"))


def _sums(
    organization_id: uuid.UUID, draft: LimitDraft, now: datetime, which: str, whom: str
) -> list[tuple[uuid.UUID, int]]:
    start = window_of(draft.period, now)[0]
    adds = f"sum({part('%(measure)s')})"
    if draft.measure in LARGEST:
        start, adds = now - LOOK_BACK, f"max(entry.{LARGEST[Measure(draft.measure)]})"
    elif draft.measure == Measure.RUNNING:
        start = now - LOOK_BACK
        adds = "count(*) FILTER (WHERE entry.outcome = 'reserved' AND entry.purpose = 'answer')"
    statement = f"""
        SELECT {whom}, coalesce({adds}, 0) FROM inference_ledgerentry AS entry
        WHERE entry.organization_id = %(organization)s AND entry.created_at >= %(start)s AND {which}
    """
    owner = "group" if draft.group_id is not None else "organization"
    facts: dict[str, Any] = {
        "organization": organization_id,
        "start": start,
        "measure": draft.measure,
        "owner": owner,
        "owner_id": str(draft.group_id),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        return [(user_id, int(used)) for user_id, used in cursor.fetchall()]
