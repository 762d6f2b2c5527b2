"""Who is behind a socket: their membership, their place among the open ones, the hints that reach them."""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from collections.abc import Awaitable
from typing import Any

from redis import RedisError

from accounts.models import Membership
from accounts.revocation import group_of_user
from accounts.seats import Seat, look_at_one
from chat import hints
from chat.database import in_database
from chat.limits import SOCKETS_PER_USER

log = logging.getLogger(__name__)


class Presence:
    """One open socket of one person, as the rest of this process and the channel layer know it."""

    open_sockets: Counter[uuid.UUID] = Counter()

    def __init__(self, scope: dict[str, Any], channel_layer: Any, channel_name: str) -> None:
        self.seat = Seat(
            user_id=scope["user"].pk,
            session_key=scope["session"].session_key,
            slug=scope["url_route"]["kwargs"]["slug"],
        )
        self._layer = channel_layer
        self._channel = channel_name
        self._groups: list[str] = []
        self._counted = False
        self.membership: Membership

    async def look(self) -> None:
        """Look at the session and the membership. Raises SignedOut or NoAccess."""
        self.membership = await in_database(look_at_one, self.seat)

    def enter(self) -> bool:
        """Count this socket; return whether its person has not too many."""
        self._counted = True
        self.open_sockets[self.membership.user_id] += 1
        return self.open_sockets[self.membership.user_id] <= SOCKETS_PER_USER

    async def join(self) -> None:
        """Join the hint groups; a channel layer that is out of reach is tried again at the next look."""
        wanted = (
            hints.group_of(self.membership.organization_id, self.membership.user_id),
            group_of_user(self.membership.user_id),
        )
        for group in wanted:
            if group not in self._groups and await _quietly(self._layer.group_add(group, self._channel)):
                self._groups.append(group)

    async def leave(self) -> None:
        """Take everything back."""
        if self._counted:
            self._counted = False
            self.open_sockets[self.membership.user_id] -= 1
            if not self.open_sockets[self.membership.user_id]:
                del self.open_sockets[self.membership.user_id]
        for group in self._groups:
            await _quietly(self._layer.group_discard(group, self._channel))


async def _quietly(waiting: Awaitable[None]) -> bool:
    try:
        await waiting
    except (RedisError, OSError) as error:
        log.warning("The channel layer is out of reach: %s", error)
        return False
    return True
