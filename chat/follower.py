"""One reader per web process: follow the token logs that open pages watch, and hand on what is new.

It keeps every entry of a followed generation, so a page that was away gets the rest from memory and
then live entries, with nothing in between. When the log is silent or out of reach it looks at the rows.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Collection, Mapping

from django.db import DatabaseError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from chat import doorbell, token_log
from chat.database import in_database
from chat.followed import Followed, Watcher, catch_up
from chat.line_watch import tell_places_forever
from chat.loops import run_for_life
from chat.malformed import MALFORMED
from chat.models import Generation
from chat.redis_link import connect
from chat.states import ENDED
from chat.token_log import Entry
from chat.watch import watch_forever

log = logging.getLogger(__name__)

BLOCK_MILLISECONDS = 500
RETRY_SECONDS = 0.25
# With many logs a short pause between reads lets a worker's whole batch arrive: fewer, bigger gulps.
PAUSE_FROM = 8
PAUSE_SECONDS = 0.004
SILENT_SECONDS = 1.0
UNREACHABLE = "The live connection to the answer is lost. It goes on, and will be shown when it is saved."


class Follower:
    def __init__(self, redis: Redis, reading: Redis) -> None:
        self._redis = redis
        self._reading = reading
        self._logs: dict[uuid.UUID, Followed] = {}
        self._some = asyncio.Event()
        self._wake_key = f"hermes:wake:{uuid.uuid4()}"
        self._wake_id: bytes | str = "0-0"
        self._reachable = True
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to read, to look at silent rows, and to notice dead workers."""
        self._tasks = [
            run_for_life(self._read_forever(), "the reader of the token logs"),
            run_for_life(self._look_forever(), "the look at silent generations"),
            run_for_life(watch_forever(self._redis), "the look for dead workers"),
            run_for_life(tell_places_forever(self.unheard), "the look at places in line"),
        ]

    async def follow(self, generation_id: uuid.UUID, have: int | None, watcher: Watcher) -> None:
        """Show a watcher the rest after `have` (None: it has nothing), then everything new."""
        followed = self._logs.get(generation_id)
        is_read = followed is not None
        if followed is None:
            followed = self._logs.setdefault(generation_id, await self._open(generation_id))
        # Before anything else is awaited: a log without watchers is let go.
        followed.watchers[watcher] = None
        catch_up(watcher, followed, have)
        if not self._reachable and watcher in followed.watchers:
            watcher.unsettled(UNREACHABLE)
        await watcher.flush()
        if not is_read:
            await self._wake()

    def leave(self, watcher: Watcher, generation_id: uuid.UUID | None = None) -> None:
        """Stop showing a watcher one generation, or all."""
        ids = [generation_id] if generation_id else list(self._logs)
        left = [followed for one in ids if (followed := self._logs.get(one)) and watcher in followed.watchers]
        for followed in left:
            del followed.watchers[watcher]
            if not followed.watchers:
                del self._logs[followed.generation_id]
        if left:
            self._settle([watcher])

    def unheard(self) -> Mapping[uuid.UUID, Collection[Watcher]]:
        """Return who watches answers of which nothing was heard yet."""
        return {one.generation_id: list(one.watchers) for one in self._logs.values() if not one.sequence}

    def _settle(self, watchers: Collection[Watcher]) -> None:
        """Take the notice of an outage back from those whom it does not concern any more."""
        concerned = self._watchers()
        for watcher in watchers:
            if not self._reachable and watcher not in concerned:
                watcher.unsettled("")
        # Nobody is cut off from a log when none is followed.
        self._reachable = self._reachable or not self._logs

    async def _open(self, generation_id: uuid.UUID) -> Followed:
        followed = Followed(generation_id=generation_id, heard_at=time.monotonic())
        try:
            entries = await token_log.read(self._redis, generation_id)
        except RedisError as error:
            log.warning("A log cannot be read now: %s", error)
            return followed
        for entry in token_log.contiguous(entries):
            followed.take(entry)
        if entries:
            followed.last_id = entries[-1].id
        return followed

    async def _wake(self) -> None:
        """Make a read that is blocking return, so that the next one asks for the new log too."""
        self._some.set()
        try:
            await self._redis.xadd(self._wake_key, {"w": ""}, maxlen=1)
            await self._redis.expire(self._wake_key, 60)
        except (RedisError, OSError) as error:
            log.warning("A new log is read a moment later: %s", error)

    async def _read_forever(self) -> None:
        while True:
            await self._some.wait()
            if not self._logs:
                self._some.clear()
                continue
            try:
                await self._read()
                await self._tell_reachable(True)
            except (RedisError, OSError) as error:
                if self._reachable:
                    log.warning("The token log is out of reach: %s", error)
                await self._tell_reachable(False)
                await asyncio.sleep(RETRY_SECONDS)

    async def _read(self) -> None:
        logs = {token_log.key_of(one.generation_id).encode(): one for one in self._logs.values()}
        answer = await self._reading.execute_command(  # type: ignore[no-untyped-call]
            *("XREAD", "COUNT", 500, "BLOCK", BLOCK_MILLISECONDS, "STREAMS"),
            *(self._wake_key, *logs),
            *(self._wake_id, *(one.last_id for one in logs.values())),
        )
        for key, rows in answer or ():
            if key in logs:
                await self._heard(logs[key], [token_log.decode(entry_id, fields) for entry_id, fields in rows])
            else:
                self._wake_id = rows[-1][0]
        if len(logs) > PAUSE_FROM:
            await asyncio.sleep(PAUSE_SECONDS)

    async def _heard(self, followed: Followed, entries: list[Entry]) -> None:
        followed.heard_at = time.monotonic()
        # Who is shown the end stops to follow, and still has that frame to send.
        watchers = list(followed.watchers)
        try:
            is_whole = followed.hear(entries)
        except MALFORMED:
            # The pages of everybody else live by this loop; the row says how this answer ends.
            log.exception("The log of %s cannot be read.", followed.generation_id)
            await self._end(followed)
            return
        if not is_whole:
            await asyncio.to_thread(doorbell.ring_snapshot, followed.generation_id)
        for watcher in watchers:
            await watcher.flush()

    async def _tell_reachable(self, reachable: bool) -> None:
        if reachable == self._reachable or not self._logs:
            return
        self._reachable = reachable
        for watcher in self._watchers():
            watcher.unsettled("" if reachable else UNREACHABLE)
            await watcher.flush()

    def _watchers(self) -> Collection[Watcher]:
        # A copy: pages come and go while frames are sent.
        return {watcher: None for followed in self._logs.values() for watcher in followed.watchers}

    async def _look_forever(self) -> None:
        """End what ended without a word in the log, because the log was lost."""
        while True:
            await asyncio.sleep(SILENT_SECONDS)
            now = time.monotonic()
            silent = [one for one in self._logs.values() if now - one.heard_at >= SILENT_SECONDS]
            if not silent:
                continue
            try:
                ended = await in_database(_ended, [one.generation_id for one in silent])
            except DatabaseError as error:
                log.warning("Cannot look at silent generations now: %s", error)
                continue
            for followed in silent:
                if followed.generation_id in ended:
                    await self._end(followed)

    async def _end(self, followed: Followed) -> None:
        # Let go of it first: who comes while the others are told begins anew.
        self._logs.pop(followed.generation_id, None)
        watchers = list(followed.watchers)
        for watcher in watchers:
            watcher.look(followed.generation_id)
        self._settle(watchers)
        for watcher in watchers:
            await watcher.flush()


def _ended(ids: list[uuid.UUID]) -> set[uuid.UUID]:
    return set(Generation.objects.filter(id__in=ids, state__in=ENDED).values_list("id", flat=True))


class _Shared:
    follower: Follower | None = None


def shared_follower() -> Follower:
    """Return this process's follower, started by the first page that needs it."""
    if _Shared.follower is None:
        _Shared.follower = Follower(connect(connections=8), connect(connections=2, timeout=5.0))
        _Shared.follower.start()
    return _Shared.follower
