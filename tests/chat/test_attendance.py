"""Losing access is not kept waiting by anything else that is looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from accounts.errors import NoAccess, SignedOut
from accounts.models import Membership
from accounts.seats import Seat
from chat.attendance import Attendance, Shown, Versions
from chat.visibility import Sight
from tests.cast import Cast, sign_in
from tests.rows import in_thread
from tests.site import Site


class Visitor:
    """A socket that notes what it is told, in the order of all visitors."""

    def __init__(self, seat: Seat, told: list[Seat]) -> None:
        self.seat = seat
        self.shows: Collection[Shown] = ()
        self.told = told

    async def dismissed(self, why: NoAccess | SignedOut) -> None:
        self.told.append(self.seat)

    def attended(self, membership: Membership, sight: Sight, versions: Versions) -> None:
        self.told.append(self.seat)


async def test_the_revoked_are_told_first(servers: Site, cast: Cast) -> None:
    slug = cast.organization.slug
    seats = [
        Seat(user_id=one.user_id, session_key=await in_thread(sign_in, one.user), slug=slug)
        for one in (cast.alice, cast.bob, cast.charlie)
    ]
    told: list[Seat] = []
    async with asyncio.timeout(60):
        await Attendance().look([Visitor(seat, told) for seat in seats])
    # Charlie belongs elsewhere.
    assert told == [seats[2], *seats[:2]]
