"""How long an organization keeps what. What was made shorter does not hold at once: nobody loses text by a slip."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Self

from chat.models import RetentionRules

GRACE = timedelta(hours=24)
"""Shorter times hold only after that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Days since a conversation last changed or was deleted, hours since a temporary chat began; None is for ever."""

    active_days: int | None = None
    pinned_days: int | None = None
    deleted_days: int | None = 7
    temporary_hours: int | None = 24
    review_days: int | None = None

    @classmethod
    def of(cls, facts: Mapping[str, int | None]) -> Self:
        """Return rules from their facts; what is not among them is as without rules."""
        return cls(**{name: facts[name] for name in cls.__slots__ if name in facts})

    def facts(self) -> dict[str, int | None]:
        """Return them as a row or a record keeps them."""
        return asdict(self)

    def or_longer(self, other: Rules) -> Rules:
        """Return the longer time of each."""
        mine, theirs = self.facts(), other.facts()
        return Rules(**{name: _longer(mine[name], theirs[name]) for name in mine})


PLAIN = Rules()
"""What holds where an organization has said nothing."""


def rules_of(organization_id: uuid.UUID) -> Rules:
    """Return what an organization has chosen."""
    return chosen(row_of(organization_id))


def row_of(organization_id: uuid.UUID) -> RetentionRules | None:
    """Return the row that an organization has, if it has chosen anything."""
    return RetentionRules.objects.filter(organization_id=organization_id).first()


def rules_in_force(organization_id: uuid.UUID, now: datetime) -> Rules:
    """Return what holds at a moment: what was chosen, or what held before where that is longer and it is new."""
    return in_force(row_of(organization_id), now)


def in_force(row: RetentionRules | None, now: datetime) -> Rules:
    """Return the same of a row that was read already."""
    if row is None:
        return PLAIN
    is_recent = row.changed_at is not None and now < row.changed_at + GRACE
    return chosen(row).or_longer(Rules.of(row.before)) if is_recent else chosen(row)


def chosen(row: RetentionRules | None) -> Rules:
    """Return the rules of a row; without one, what holds by itself."""
    if row is None:
        return PLAIN
    return Rules.of({name: getattr(row, name) for name in Rules.__slots__})


def _longer(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else max(one, other)
