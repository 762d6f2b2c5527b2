"""Tell open sockets to look at their access again, now.

The hint may be lost; every socket also looks by itself every five seconds.
"""

from __future__ import annotations

import logging
import uuid

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis import RedisError

log = logging.getLogger(__name__)


def group_of_user(user_id: uuid.UUID) -> str:
    """Return the channel group of all sockets of a person."""
    return f"accounts.user.{user_id.hex}"


def access_changed(user_id: uuid.UUID) -> None:
    """Make every socket of a person look at its access again."""
    layer = get_channel_layer()
    try:
        async_to_sync(layer.group_send)(group_of_user(user_id), {"type": "access.changed"})
    except (RedisError, OSError) as error:
        log.warning("Open pages will notice the change of access within 5 seconds: %s", error)
