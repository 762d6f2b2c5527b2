"""Who may change what an organization allows."""

from __future__ import annotations

from accounts.models import Membership, Role
from accounts.queries import locked
from moderation.errors import NotAllowed


def must_administer(acting: Membership) -> None:
    """Raise NotAllowed for who clearly may not, before any work is done for them."""
    if not acting.administers:
        raise NotAllowed


def administrator(acting: Membership) -> Membership:
    """Read a membership again and hold its organization until the transaction ends: changes come one after another.

    Raises NotAllowed or accounts.errors.NoAccess.
    """
    found = locked(acting)
    if not found.administers:
        raise NotAllowed
    return found


def administrator_or_reviewer(acting: Membership) -> Membership:
    """Do the same for who administers or reviews."""
    found = locked(acting)
    if not (found.administers or found.role == Role.REVIEWER):
        raise NotAllowed
    return found
