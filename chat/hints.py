"""Hints to open sockets over the channel layer: something changed, look at the rows.

The layer may lose any of them; sockets look for themselves every few seconds. No text travels here.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from accounts.channel import send_hint


def group_of(organization_id: uuid.UUID, user_id: uuid.UUID) -> str:
    """Return the channel group of one person's sockets in one organization."""
    return f"chat.{organization_id.hex}.{user_id.hex}"


def conversation_changed(
    organization_id: uuid.UUID,
    user_id: uuid.UUID,
    conversation_id: uuid.UUID,
    version: datetime | None = None,
) -> None:
    """Say that messages of a conversation are new or different, and so may be the list.

    A page that shows the `version` (or a newer one) already has nothing to do.
    """
    _send(
        organization_id,
        user_id,
        {
            "type": "conversation.changed",
            "conversation": str(conversation_id),
            "version": version.isoformat() if version else "",
        },
    )


def listing_changed(organization_id: uuid.UUID, user_id: uuid.UUID) -> None:
    """Say that the conversation list is different."""
    _send(organization_id, user_id, {"type": "listing.changed"})


def title_changed(organization_id: uuid.UUID, user_id: uuid.UUID, conversation_id: uuid.UUID) -> None:
    """Say that a conversation has another title."""
    _send(organization_id, user_id, {"type": "title.changed", "conversation": str(conversation_id)})


def _send(organization_id: uuid.UUID, user_id: uuid.UUID, hint: dict[str, str]) -> None:
    send_hint(group_of(organization_id, user_id), hint)
