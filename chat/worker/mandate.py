"""Under what one answer is made: the version that is enforced, the one that only watches, and whose answer it is."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from moderation.policy import Audience
from moderation.queries import Pair, audiences_of, risks_of
from moderation.risk import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of an organization's policy."""

    id: uuid.UUID
    number: int
    name: str
    digest: str

    @classmethod
    def of(cls, facts: Mapping[str, Any] | None) -> Self | None:
        """Return the version that a row tells of, None where there is none."""
        return cls(**{**facts, "id": uuid.UUID(facts["id"])}) if facts else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """Frozen with the claim. `level` is the consequence of the person's score then."""

    organization_id: uuid.UUID
    user_id: uuid.UUID
    enforced: Version | None
    shadow: Version | None
    audience: Audience
    level: Level = Level.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Whose answer it is, and the versions that read it."""

    organization_id: uuid.UUID
    user_id: uuid.UUID
    enforced: Version | None
    shadow: Version | None


def mandates_of(readings: Sequence[Reading], now: datetime) -> list[Mandate | None]:
    """Return under what answers are made, None where no version reads one. Uses the database only where one does.

    Two statements, however many answers there are: this is on the way to the first token.
    """
    read = {(one.organization_id, one.user_id): one.enforced for one in readings if one.enforced or one.shadow}
    audiences = audiences_of(read, now) if read else {}
    scored = [pair for pair, enforced in read.items() if enforced]
    risks = risks_of(scored, now) if scored else {}
    return [_mandate(one, audiences, risks) for one in readings]


def _mandate(
    one: Reading, audiences: Mapping[Pair, Audience], risks: Mapping[Pair, tuple[float, Level]]
) -> Mandate | None:
    pair = (one.organization_id, one.user_id)
    if not (one.enforced or one.shadow):
        return None
    return Mandate(
        organization_id=one.organization_id,
        user_id=one.user_id,
        enforced=one.enforced,
        shadow=one.shadow,
        audience=audiences[pair],
        level=risks[pair][1] if one.enforced and pair in risks else Level.NONE,
    )
