"""What rules and categories are called now, or were called last."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from moderation.models import PolicyVersion

# Rules that are gone are still counted: their titles come from what was enforced before. What is newest counts.
NAMED = """
WITH named AS (
    SELECT id, number, document FROM moderation_policyversion
    WHERE organization_id = %(organization)s AND state IN (%(enforced)s, %(superseded)s) OR id = ANY (%(more)s)
    ORDER BY number DESC LIMIT %(most)s
)
SELECT part, one->>'id', one->>'title', one->>'category'
FROM named CROSS JOIN (VALUES ('rules'), ('categories')) AS parts (part)
CROSS JOIN LATERAL jsonb_array_elements(document->part) AS one
ORDER BY number
"""
MOST_VERSIONS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Titles:
    """Titles by id. What has none is called by its id."""

    rules: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    category_of: Mapping[str, str] = field(default_factory=dict)

    def rule(self, id: str) -> str:
        """Return what a rule is called."""
        return self.rules.get(id) or id or "No rule"

    def category(self, id: str) -> str:
        """Return what a category is called."""
        return self.categories.get(id) or id


def titles_of(organization_id: uuid.UUID, *more: uuid.UUID) -> Titles:
    """Return the titles of an organization's enforced rules, now and before, and of `more` of its versions."""
    state = PolicyVersion.State
    asked: Mapping[str, Any] = {
        "organization": organization_id,
        "enforced": state.PUBLISHED.value,
        "superseded": state.SUPERSEDED.value,
        "more": list(more),
        "most": MOST_VERSIONS,
    }
    with connection.cursor() as cursor:
        cursor.execute(NAMED, asked)
        rows = cursor.fetchall()
    return Titles(
        rules={id: title for part, id, title, _ in rows if part == "rules"},
        categories={id: title for part, id, title, _ in rows if part == "categories"},
        category_of={id: category for part, id, _, category in rows if part == "rules"},
    )
