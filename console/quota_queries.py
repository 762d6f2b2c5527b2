"""The limits of an organization and whom they hold for, bound to the organization of a proved membership."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.errors import NoAccess
from accounts.models import GroupMembership, Membership
from console.queries import people_of
from console.quota_usage import Usage
from inference.models import QuotaLimit
from inference.quotas.limit import SHARED, Limit
from inference.quotas.resolution import Person, Written, effective
from inference.quotas.windows import windows_of

Taken = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The limits as they are written down, and those that hold for each member, by the ids of memberships."""

    rows: Sequence[QuotaLimit]
    limits: Mapping[int, tuple[Limit, ...]]


def standing_of(acting: Membership) -> Standing:
    """Return how the limits of an organization stand, in three queries."""
    rows, groups = written_limits(acting), _groups_by_member(acting.organization_id)
    members = people_of(acting).filter(deactivated_at=None).prefetch_related(None).values_list("id", "user_id")
    written = [_written(row) for row in rows]
    people = {id: _person(acting.organization_id, user_id, groups.get(id, ())) for id, user_id in members}
    return Standing(rows=rows, limits={id: effective(written, one) for id, one in people.items()})


def written_limits(acting: Membership) -> list[QuotaLimit]:
    """Return the limits of an organization and the operator's for all, as they are written down."""
    here = Q(organization_id=acting.organization_id) | Q(organization=None)
    return list(QuotaLimit.objects.filter(here).select_related("group", "user").order_by("measure", "period", "hard"))


def pools_of(acting: Membership, rows: Sequence[QuotaLimit], usage: Usage, now: datetime) -> dict[uuid.UUID, Taken]:
    """Return what is used and reserved of the limits on the organization and on groups that hold, by their ids."""
    groups = [row.group_id for row in rows if row.group_id is not None]
    everybody = _person(acting.organization_id, None, groups)
    limits = [one for one in effective([_written(row) for row in rows], everybody) if one.subject in SHARED]
    found = {one.id: usage.windows.get((one.owner, one.owner_id, one.measure, one.period)) for one in limits}
    missing = [one for one in limits if one.is_counted and found[one.id] is None]
    made = _made(acting.organization_id, missing, now) if missing else {}
    return {id: taken or made.get(id, (0, 0)) for id, taken in found.items()}


@transaction.atomic
def _made(organization_id: uuid.UUID, limits: Sequence[Limit], now: datetime) -> dict[uuid.UUID, Taken]:
    """Begin to count towards limits that nobody has met yet."""
    return {one.limit.id: (one.used, one.reserved) for one in windows_of(organization_id, limits, now)}


def limit_here(acting: Membership, limit_id: uuid.UUID) -> QuotaLimit:
    """Return a limit that an administrator of this organization set; raises NoAccess."""
    own = QuotaLimit.objects.filter(organization_id=acting.organization_id, by_operator=False)
    found = own.select_related("group", "user").filter(id=limit_id).first()
    if found is None:
        raise NoAccess
    return found


def _groups_by_member(organization_id: uuid.UUID) -> dict[int, list[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    rows = GroupMembership.objects.filter(group__organization_id=organization_id)
    for member_id, group_id in rows.values_list("membership_id", "group_id"):
        found[member_id].append(group_id)
    return found


def _person(organization_id: uuid.UUID, user_id: uuid.UUID | None, groups: Sequence[int]) -> Person:
    return Person(organization_id=organization_id, organization="", user_id=user_id, groups=groups)


def _written(row: QuotaLimit) -> Written:
    return Written(
        id=row.id,
        subject=row.subject,
        group_id=row.group_id,
        group=row.group.name if row.group else "",
        user_id=row.user_id,
        measure=row.measure,
        period=row.period,
        soft=row.soft,
        hard=row.hard,
        by_operator=row.by_operator,
        is_default=row.organization_id is None,
    )
