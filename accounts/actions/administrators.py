"""Who may change an organization's settings."""

from __future__ import annotations

from accounts.errors import NotAllowed
from accounts.models import Membership
from accounts.queries import locked


def administrator(acting: Membership) -> Membership:
    """Read a membership again and hold its organization until the transaction ends: changes come one after another.

    Raises NotAllowed or NoAccess.
    """
    found = locked(acting)
    if not found.administers:
        raise NotAllowed
    return found
