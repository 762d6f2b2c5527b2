"""What members do in their organization, as the audit record has it."""

from __future__ import annotations

from collections.abc import Mapping

from accounts.models import Membership, User
from audit.record import Fact, record


def say(
    acting: Membership,
    action: str,
    target: tuple[str, object],
    facts: Mapping[str, Fact] | None = None,
    about: User | None = None,
) -> None:
    """Record what somebody did to a thing, and `about` whom, in the caller's transaction."""
    record(
        action,
        actor_id=acting.user_id,
        organization_id=acting.organization_id,
        target=target,
        facts=facts,
        labels={acting.user_id: acting.user.email} | ({about.id: about.email} if about is not None else {}),
    )
