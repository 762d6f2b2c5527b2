"""Record what concerns a person as a whole: each organization of theirs is to see it in its own record."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from accounts.models import User
from audit.record import Fact, record


def record_everywhere(
    action: str,
    *,
    person: User,
    acting: User | None,
    facts: Mapping[str, Fact] | None = None,
    labels: Mapping[uuid.UUID, str] | None = None,
) -> None:
    """Write an event about a person for each organization that they belong to, else for the platform.

    Call it inside the transaction that does the thing.
    """
    known = {one.pk: one.email for one in (person, acting) if one is not None}
    for organization_id in _places(person):
        record(
            action,
            actor_id=acting.pk if acting is not None else None,
            organization_id=organization_id,
            target=("user", person.pk),
            facts=facts,
            labels={**known, **(labels or {})},
        )


def _places(person: User) -> list[uuid.UUID | None]:
    theirs = person.memberships.filter(deactivated_at=None, organization__deactivated_at=None)
    return list(theirs.order_by("organization_id").values_list("organization_id", flat=True)) or [None]
