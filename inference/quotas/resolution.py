"""Which of the limits that are written down hold for one person. Rows are passed in.

A pool holds for all who belong to it. One's own allowance is the one set for the person, else the largest of those
for members of the person's groups, else the one for each member, else the operator's default for every organization.
Where both the operator and an administrator have set one, both hold: the smaller one decides.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from inference.quotas.limit import SHARED, Limit, Source, Subject

UNLIMITED = 2**63
# The nearest comes first.
OWN = (Subject.PERSON, Subject.GROUP_MEMBER, Subject.MEMBER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A limit as it is written down. Without an organization it is the operator's default."""

    id: uuid.UUID
    subject: str
    group_id: int | None
    group: str
    user_id: uuid.UUID | None
    measure: str
    period: str
    soft: int | None
    hard: int | None
    by_operator: bool
    is_default: bool

    @property
    def source(self) -> Source:
        if self.is_default:
            return Source.PLATFORM
        return Source.OPERATOR if self.by_operator else Source.ORGANIZATION


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whom limits are about."""

    organization_id: uuid.UUID
    organization: str
    user_id: uuid.UUID | None
    groups: Sequence[int] = ()


def effective(rows: Iterable[Written], person: Person) -> tuple[Limit, ...]:
    """Return the limits that hold for a person; without a user, the organization's pool alone."""
    concerning = sorted((row for row in rows if _concerns(row, person)), key=_kind)
    found: list[Limit] = []
    for _, alike in groupby(concerning, key=_kind):
        one = _holding(list(alike))
        if one is not None:
            found.append(_limit(one, person))
    return tuple(found)


def _concerns(row: Written, person: Person) -> bool:
    match Subject(row.subject):
        case Subject.ORGANIZATION:
            return True
        case Subject.GROUP | Subject.GROUP_MEMBER:
            return row.group_id in person.groups
        case Subject.PERSON:
            return row.user_id == person.user_id and person.user_id is not None
        case Subject.MEMBER:
            return person.user_id is not None


def _kind(row: Written) -> tuple[str, str, str, int]:
    """Return what tells limits apart that hold side by side."""
    pool = row.subject if row.subject in SHARED else ""
    return (row.measure, row.period, pool, (row.group_id or 0) if pool == Subject.GROUP else 0)


def _holding(rows: list[Written]) -> Written | None:
    default = _nearest([row for row in rows if row.is_default])
    operators = _nearest([row for row in rows if row.by_operator and not row.is_default])
    own = _nearest([row for row in rows if not row.by_operator and not row.is_default])
    if rows[0].subject in SHARED:
        operators = operators or default
    elif own is None:
        own = default
    return _both(own, operators)


def _nearest(rows: list[Written]) -> Written | None:
    """Return the row of the nearest subject; of several groups the largest."""
    for subject in (*SHARED, *OWN):
        if alike := [row for row in rows if row.subject == subject]:
            return max(alike, key=_size)
    return None


def _size(row: Written) -> tuple[int, int]:
    return (UNLIMITED if row.hard is None else row.hard, UNLIMITED if row.soft is None else row.soft)


def _both(one: Written | None, other: Written | None) -> Written | None:
    if one is None or other is None:
        return one or other
    smaller = min(one, other, key=_size)
    soft = min((row.soft for row in (one, other) if row.soft is not None), default=None)
    return replace(smaller, soft=soft)


def _limit(row: Written, person: Person) -> Limit:
    owners = {
        Subject.ORGANIZATION: ("organization", str(person.organization_id), person.organization),
        Subject.GROUP: ("group", str(row.group_id), f"Group {row.group}"),
    }
    labels = {
        Subject.GROUP_MEMBER: f"Each member of {row.group}",
        Subject.MEMBER: "Each member",
        Subject.PERSON: "Set for one person",
    }
    subject = Subject(row.subject)
    owner, owner_id, label = owners.get(subject) or ("person", str(person.user_id), labels[subject])
    return Limit(
        id=row.id,
        subject=row.subject,
        label=label,
        measure=row.measure,
        period=row.period,
        soft=row.soft,
        hard=row.hard,
        source=row.source,
        owner=owner,
        owner_id=owner_id,
    )
