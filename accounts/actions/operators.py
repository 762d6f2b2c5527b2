"""Who runs this server, and may do what nobody in an organization may."""

from __future__ import annotations

from accounts.errors import NotAllowed
from accounts.models import User


def must_operate(acting: User) -> None:
    """Raise NotAllowed for who is no operator."""
    if not (acting.is_active and acting.is_superuser):
        raise NotAllowed
