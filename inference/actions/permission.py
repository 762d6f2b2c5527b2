"""Who may change what an organization keeps in the registry."""

from __future__ import annotations

from accounts.models import Membership
from accounts.queries import locked
from inference.registry_errors import NotAllowed


def administrator(acting: Membership) -> Membership:
    """Read a membership again and hold its organization until the transaction ends: changes come one after another.

    Raises NotAllowed or accounts.errors.NoAccess.
    """
    found = locked(acting)
    if not found.administers:
        raise NotAllowed
    return found
