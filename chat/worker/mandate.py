"""Under what one answer is made: the version that is enforced, the one that only watches, and whose answer it is."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from moderation.policy import Audience
from moderation.queries import audience_of, risk_of
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


def mandate_of(
    organization_id: uuid.UUID, user_id: uuid.UUID, enforced: Version | None, shadow: Version | None, now: datetime
) -> Mandate | None:
    """Return under what a person's answer is made, None where no version reads it. Uses the database only then."""
    if enforced is None and shadow is None:
        return None
    return Mandate(
        organization_id=organization_id,
        user_id=user_id,
        enforced=enforced,
        shadow=shadow,
        audience=audience_of(organization_id, user_id, now),
        level=risk_of(organization_id, user_id, now)[1] if enforced else Level.NONE,
    )
