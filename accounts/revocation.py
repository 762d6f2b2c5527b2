"""Tell open sockets to look at their access again, now.

The hint may be lost; every socket also looks by itself every five seconds.
"""

from __future__ import annotations

import uuid

from accounts.channel import send_hint


def group_of_user(user_id: uuid.UUID) -> str:
    """Return the channel group of all sockets of a person."""
    return f"accounts.user.{user_id.hex}"


def access_changed(user_id: uuid.UUID) -> None:
    """Make every socket of a person look at its access again."""
    send_hint(group_of_user(user_id), {"type": "access.changed"})
