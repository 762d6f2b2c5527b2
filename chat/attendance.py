"""Everybody behind the open sockets of this process, looked at together every few seconds.

Hints close a socket within half a second of losing access; this look is for hints that were lost.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db import DatabaseError

from accounts import seats
from accounts.errors import NoAccess, SignedOut
from accounts.models import Membership
from accounts.seats import Found, Seat
from chat.database import in_database
from chat.loops import run_for_life
from chat.models import Conversation
from chat.queries import sights_of
from chat.visibility import Sight

log = logging.getLogger(__name__)

LOOK_SECONDS = 4.5


@dataclass(frozen=True, slots=True)
class Shown:
    """A conversation on a page of its owner."""

    organization_id: uuid.UUID
    owner_id: uuid.UUID
    conversation_id: uuid.UUID


Versions = Mapping[Shown, datetime]


class Attender(Protocol):
    """One open socket."""

    @property
    def seat(self) -> Seat: ...

    @property
    def shows(self) -> Collection[Shown]: ...

    async def dismissed(self, why: NoAccess | SignedOut) -> None:
        """Close: there is no access any more."""

    def attended(self, membership: Membership, sight: Sight, versions: Versions) -> None:
        """Take note of who is there, what they may see, and what is new in what is shown. Nobody waits for it."""


class Attendance:
    def __init__(self) -> None:
        self._sockets: dict[Attender, None] = {}
        self._task: asyncio.Task[None] | None = None

    def enter(self, socket: Attender) -> None:
        """Look at this socket too from now on."""
        self._sockets[socket] = None
        if self._task is None:
            self._task = run_for_life(self._look_forever(), "the look at everybody's access")

    def leave(self, socket: Attender) -> None:
        """Look at it no more."""
        self._sockets.pop(socket, None)

    async def look(self, sockets: Collection[Attender]) -> None:
        """Look at these sockets now."""
        asked = {socket: socket.seat for socket in sockets}
        shown = {one for socket in sockets for one in socket.shows}
        try:
            found, sights, versions = await in_database(_read, set(asked.values()), shown)
        except DatabaseError as error:
            # Without the database nobody's access can change, and nothing new can be read.
            log.warning("Access could not be looked at again: %s", error)
            return
        # Whoever has lost access waits for nobody else's page.
        for socket, seat in asked.items():
            if isinstance(why := found[seat], NoAccess | SignedOut):
                await socket.dismissed(why)
        for socket, seat in asked.items():
            if isinstance(membership := found[seat], Membership):
                socket.attended(membership, sights[membership.id], versions)

    async def _look_forever(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self._sockets:
                await self.look(list(self._sockets))


def _read(asked: Collection[Seat], shown: Collection[Shown]) -> tuple[dict[Seat, Found], dict[int, Sight], Versions]:
    ids = {one.conversation_id for one in shown}
    rows = Conversation.objects.filter(id__in=ids, deleted_at=None) if ids else Conversation.objects.none()
    facts = rows.values_list("organization_id", "owner_id", "id", "updated_at")
    found = seats.look(asked)
    members = [one for one in found.values() if isinstance(one, Membership)]
    return found, sights_of(members), {Shown(*row[:3]): row[3] for row in facts}


_attendance = Attendance()


def shared_attendance() -> Attendance:
    """Return this process's attendance."""
    return _attendance
