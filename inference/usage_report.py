"""What was used in a period, from the days that were added up: a year of an organization in a handful of queries."""

from __future__ import annotations

import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection

from inference.models import LedgerEntry

ANSWER = LedgerEntry.Purpose.ANSWER.value
Key = tuple[uuid.UUID | None, str]
"""A model: its row in the registry, if it has one, and the name that its engine gave it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose usage: everybody's of an organization, or one person's there."""

    organization_id: uuid.UUID
    user_id: uuid.UUID | None = None


@dataclass(slots=True, kw_only=True)
class Sums:
    """Tokens and calls, added up."""

    calls: int = 0
    withheld: int = 0
    failed: int = 0
    estimated: int = 0
    prompt: int = 0
    cached: int = 0
    answer: int = 0
    reasoning: int = 0

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.prompt + self.answer + self.reasoning

    def add(self, other: Sums) -> None:
        """Count another one's in."""
        for name in COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))


COUNTED = ("calls", "withheld", "failed", "estimated", "prompt", "cached", "answer", "reasoning")
_COLUMNS = ("calls", "withheld", "failed", "estimated", *(f"{name}_tokens" for name in COUNTED[4:]))
_SUMS = ", ".join(f"sum({name})::bigint" for name in _COLUMNS)


@dataclass(slots=True, kw_only=True)
class Day:
    """One day. `first_token` counts the answers by how long their first token took (inference.usage_statements)."""

    sums: Sums = field(default_factory=Sums)
    people: int = 0
    first_token: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSums:
    """What the people of a group used."""

    group_id: int
    calls: int
    prompt: int
    answer: int
    reasoning: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What everybody used, or one person."""

    days: Mapping[date, Day]
    models: Mapping[Key, Sums]
    purposes: Mapping[str, Sums]

    @property
    def total(self) -> Sums:
        """Everything."""
        total = Sums()
        for sums in self.models.values():
            total.add(sums)
        return total


def report(scope: Scope, since: date, until: date) -> Report:
    """Return what was used from one day to another, both included."""
    statement = PERSON if scope.user_id else WHOLE
    return gathered(_rows(statement, scope, since, until), whole_days=scope.user_id is None)


def gathered(rows: Iterable[tuple[Any, ...]], *, whole_days: bool) -> Report:
    """Return the report of rows of days, each beginning as WHOLE selects it. Of a person there are no whole days."""
    days: defaultdict[date, Day] = defaultdict(Day)
    models: defaultdict[Key, Sums] = defaultdict(Sums)
    purposes: defaultdict[str, Sums] = defaultdict(Sums)
    for day, model_id, model, purpose, people, first_token, *counts in rows:
        if whole_days and not purpose:
            # The row of the whole day: people who used two models are one.
            days[day].people += people
            continue
        sums = sums_of(counts)
        # A person's rows are not told apart by purpose.
        for place in (days[day].sums, models[model_id, model], purposes[purpose]):
            place.add(sums)
        if purpose == ANSWER:
            days[day].first_token.update(json.loads(first_token))
    return Report(days=days, models=models, purposes=purposes)


def sums_of(counts: Sequence[int]) -> Sums:
    """Return the sums that a row's last columns hold."""
    return Sums(**dict(zip(COUNTED, counts, strict=True)))


WHOLE = f"""
SELECT day, chat_model_id, model, purpose, people, first_token::text, {", ".join(_COLUMNS)} FROM inference_usageday
WHERE organization_id = %(organization)s AND day BETWEEN %(since)s AND %(until)s
    AND user_id IS NULL
"""
PERSON = WHOLE.replace("user_id IS NULL", "user_id = %(user)s")
MEMBERS = f"""
SELECT user_id, chat_model_id, model, {_SUMS} FROM inference_usageday
WHERE organization_id = %(organization)s AND day BETWEEN %(since)s AND %(until)s AND user_id IS NOT NULL
GROUP BY user_id, chat_model_id, model
"""
GROUPS = """
SELECT group_id, sum(calls)::bigint, sum(prompt_tokens)::bigint, sum(answer_tokens)::bigint,
    sum(reasoning_tokens)::bigint
FROM inference_usagegroupday WHERE organization_id = %(organization)s AND day BETWEEN %(since)s AND %(until)s
GROUP BY group_id
"""


def members_report(scope: Scope, since: date, until: date) -> dict[uuid.UUID, dict[Key, Sums]]:
    """Return what each person used, told apart by model, so that each has a price: by far the most rows are read."""
    members: defaultdict[uuid.UUID, dict[Key, Sums]] = defaultdict(dict)
    for user_id, model_id, model, *counts in _rows(MEMBERS, scope, since, until):
        members[user_id][model_id, model] = sums_of(counts)
    return members


def groups_report(scope: Scope, since: date, until: date) -> list[GroupSums]:
    """Return what the people of each group used."""
    names = ("group_id", "calls", "prompt", "answer", "reasoning")
    return [GroupSums(**dict(zip(names, row, strict=True))) for row in _rows(GROUPS, scope, since, until)]


def _rows(statement: str, scope: Scope, since: date, until: date) -> list[tuple[Any, ...]]:
    asked = {"organization": scope.organization_id, "user": scope.user_id, "since": since, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return list(cursor.fetchall())
