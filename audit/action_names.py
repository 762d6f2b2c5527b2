"""The names of what happened in an organization, found without reading its events."""

from __future__ import annotations

import uuid

from django.db import connection

# From each name to the next one along an index: as many steps as there are names, however many events have them.
NAMES = """
WITH RECURSIVE known (action) AS (
    (SELECT action FROM audit_event WHERE organization_id = %(place)s ORDER BY action LIMIT 1)
    UNION ALL
    SELECT (
        SELECT action FROM audit_event WHERE organization_id = %(place)s AND action > known.action
        ORDER BY action LIMIT 1
    )
    FROM known WHERE known.action IS NOT NULL
)
SELECT action FROM known WHERE action IS NOT NULL
"""


def action_names(organization_id: uuid.UUID) -> list[str]:
    """Return the name of each action that is in an organization's record, in order."""
    with connection.cursor() as cursor:
        cursor.execute(NAMES, {"place": organization_id})
        return [name for (name,) in cursor.fetchall()]


def is_in(action: str, name: str) -> bool:
    """Say whether an action has a name, or begins with it up to a dot."""
    return action == name or action.startswith(f"{name}.")
