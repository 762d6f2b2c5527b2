"""What everybody in an organization has used in the periods that hold now, in a fixed number of queries."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from inference.models import UsageWindow
from inference.quotas.period import EPOCH, Period, starts_of

# One's requests are the first calls of answers; titles and classifiers are the organization's own.
SPENT = """
SELECT user_id, period, sum(prompt_tokens), sum(answer_tokens), sum(reasoning_tokens),
       count(*) FILTER (WHERE call = 1)
FROM inference_ledgerentry
JOIN unnest(%(periods)s::text[], %(starts)s::timestamptz[]) AS asked (period, starts_at) ON created_at >= starts_at
WHERE organization_id = %(organization)s AND created_at >= %(first)s AND purpose = 'answer'
  AND outcome <> 'reserved' AND user_id IS NOT NULL
GROUP BY user_id, period
"""
Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What one person has used in one period."""

    prompt: int = 0
    answer: int = 0
    reasoning: int = 0
    requests: int = 0

    @property
    def tokens(self) -> int:
        return self.prompt + self.answer + self.reasoning


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """`windows` are the counts that limits go by; `spent` what the ledger says where there is no count yet."""

    windows: Mapping[Key, tuple[int, int]] = field(default_factory=dict)
    spent: Mapping[tuple[uuid.UUID, str], Spent] = field(default_factory=dict)

    def of(self, owner: str, owner_id: str, measure: str, period: str) -> tuple[int, int]:
        """Return what is used towards a limit, and what is reserved."""
        found = self.windows.get((owner, owner_id, measure, period))
        if found is not None or owner != "person":
            return found or (0, 0)
        spent = self.spent.get((uuid.UUID(owner_id), period), NOTHING)
        return getattr(spent, measure, 0), 0

    def this_month(self, user_id: uuid.UUID) -> Spent:
        """Return what a person has used since the month began."""
        return self.spent.get((user_id, Period.MONTH.value), NOTHING)


NOTHING = Spent()


def windows_now(organization_id: uuid.UUID, now: datetime) -> dict[Key, tuple[int, int]]:
    """Return the counts that hold now."""
    starts = starts_of(now)
    rows = UsageWindow.objects.filter(organization_id=organization_id, starts_at__in=[*starts.values(), EPOCH])
    return {
        (row.subject, row.subject_id, row.measure, row.period): (row.used, row.reserved)
        for row in rows
        if row.starts_at == starts[row.period]
    }


def usage_now(organization_id: uuid.UUID, now: datetime) -> Usage:
    """Return the counts, and what everybody has used."""
    starts = {name: at for name, at in starts_of(now).items() if name}
    asked: dict[str, Any] = {
        "organization": organization_id,
        "periods": list(starts),
        "starts": list(starts.values()),
        "first": min(starts.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(SPENT, asked)
        rows = cursor.fetchall()
    spent = {
        (user_id, period): Spent(prompt=prompt, answer=answer, reasoning=reasoning, requests=requests)
        for user_id, period, prompt, answer, reasoning, requests in rows
    }
    return Usage(windows=windows_now(organization_id, now), spent=spent)
