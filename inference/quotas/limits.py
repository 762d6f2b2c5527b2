"""The limits that hold for one person, in one statement: this is on the way to the first token."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection

from inference.quotas.caps import Caps, caps_of
from inference.quotas.limit import Limit
from inference.quotas.resolution import Person, Written, effective

__all__ = ["Caps", "Limit", "Standing", "caps_of", "limits_for", "standing_of"]

STANDING = """
WITH own AS (
    SELECT belonging.group_id FROM accounts_groupmembership AS belonging
    JOIN accounts_membership AS membership ON membership.id = belonging.membership_id
    WHERE membership.organization_id = %(organization)s AND membership.user_id = %(user)s
)
SELECT place.name, ARRAY(SELECT group_id FROM own ORDER BY group_id), (
    SELECT json_agg(json_build_object(
        'id', written.id, 'subject', written.subject, 'group_id', written.group_id,
        'group', coalesce(named.name, ''), 'user_id', written.user_id, 'measure', written.measure,
        'period', written.period, 'soft', written.soft, 'hard', written.hard, 'by_operator', written.by_operator,
        'is_default', written.organization_id IS NULL))
    FROM inference_quotalimit AS written LEFT JOIN accounts_group AS named ON named.id = written.group_id
    WHERE (written.organization_id = place.id OR written.organization_id IS NULL)
      AND (written.user_id IS NULL OR written.user_id = %(user)s)
      AND (written.group_id IS NULL OR written.group_id IN (SELECT group_id FROM own))
)
FROM accounts_organization AS place WHERE place.id = %(organization)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A person's groups, and the limits that hold for them."""

    groups: list[int]
    limits: tuple[Limit, ...]


def standing_of(organization_id: uuid.UUID, user_id: uuid.UUID | None) -> Standing:
    """Return where a person stands in an organization; without one, only its pool holds."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING, {"organization": organization_id, "user": user_id})
        row = cursor.fetchone()
    name, groups, found = row or ("", [], None)
    person = Person(organization_id=organization_id, organization=name, user_id=user_id, groups=groups)
    return Standing(groups=groups, limits=effective([_written(one) for one in _rows(found)], person))


def limits_for(organization_id: uuid.UUID, user_id: uuid.UUID | None) -> tuple[Limit, ...]:
    """Return all limits that hold for one person: pools, and the person's own."""
    return standing_of(organization_id, user_id).limits


def _rows(found: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(found) if isinstance(found, str) else found or []
    return rows


def _written(row: dict[str, Any]) -> Written:
    user_id = row.pop("user_id")
    return Written(**row | {"id": uuid.UUID(row["id"])}, user_id=uuid.UUID(user_id) if user_id else None)
