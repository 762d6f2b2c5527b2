"""What one page follows: conversations read from the rows, answers from the log, put into frames in order."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any

from django.db import DatabaseError

from chat import frames
from chat.actions.queueing import Accepted
from chat.database import in_database
from chat.errors import NotFound
from chat.follower import shared_follower
from chat.foresight import Place
from chat.presence import Presence
from chat.snapshot import Snapshot, take_snapshot, written_snapshot
from chat.socket_view import SocketView
from chat.token_log import Entry
from chat.transcript import Part

log = logging.getLogger(__name__)

Have = Mapping[uuid.UUID, int]
"""Up to where the page has each answer."""


class Viewer:
    """Reading and showing take turns, so that nothing older is shown after something newer."""

    def __init__(self, presence: Presence, send: Callable[[str], Awaitable[None]]) -> None:
        self.view = SocketView()
        self._turn = asyncio.Lock()
        self._presence = presence
        self._send = send
        self._flushing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    # What the page's person does

    async def open(self, conversation_id: uuid.UUID, have: Have, ref: str | None) -> None:
        """Show a conversation whole and follow it; raises NotFound."""
        async with self._turn:
            self.close(conversation_id)
            await self._show_whole(await self._read(conversation_id), have, ref)

    async def turn_to(self, conversation_id: uuid.UUID, ref: str | None) -> None:
        """Show another branch of a conversation whole; raises NotFound."""
        async with self._turn:
            snapshot = await self._read(conversation_id)
            await self._show_whole(snapshot, self.close(conversation_id), ref)

    def close(self, conversation_id: uuid.UUID) -> Have:
        """Follow a conversation no more; return up to where the page was sent its answers."""
        return self._left(self.view.close(conversation_id))

    def _left(self, left: Have) -> Have:
        for generation_id in left:
            shared_follower().leave(self, generation_id)
        return left

    def close_all(self) -> None:
        """Follow nothing more."""
        for conversation_id in list(self.view.shown):
            self.close(conversation_id)
        shared_follower().leave(self)
        for task in self._tasks:
            task.cancel()

    async def show_accepted(self, result: Accepted, ref: str | None) -> None:
        """Say that a prompt was taken, show what it led to, and follow the answer."""
        self.view.frames.append(frames.encode(frames.accepted(ref, result)))
        async with self._turn:
            written, shown = result.written, result.conversation_id in self.view.shown
            if written is not None and shown:
                snapshot = written_snapshot(written, self.view.sight)
                self.view.add_messages(snapshot)
                await self._follow(snapshot, {})
            elif written is not None and written.is_new:
                await self._show_whole(written_snapshot(written, self.view.sight), {}, None)
            elif shown:
                await self._refresh(result.conversation_id)
            else:
                await self._show_whole(await self._read(result.conversation_id), {}, None)

    async def renew(self, conversation_id: uuid.UUID) -> None:
        """Show what is new in a conversation as soon as it is our turn."""
        async with self._turn:
            try:
                await self._refresh(conversation_id)
            except DatabaseError as error:
                log.warning("A page could not be refreshed: %s", error)
        await self.flush()

    async def show_anew(self) -> None:
        """Show everything again, from the beginning: what this person may see has changed."""
        async with self._turn:
            for conversation_id in list(self.view.shown):
                try:
                    snapshot = await self._read(conversation_id)
                except (NotFound, DatabaseError) as error:
                    log.warning("A page could not be shown anew: %s", error)
                    continue
                self.close(conversation_id)
                self.view.show_conversation(snapshot, None)
                await self._follow(snapshot, None)
        await self.flush()

    async def _refresh(self, conversation_id: uuid.UUID) -> None:
        if conversation_id not in self.view.shown:
            return
        try:
            snapshot = await self._read(conversation_id)
        except NotFound:
            snapshot = None
        if conversation_id not in self.view.shown:
            return
        if snapshot is None:
            self.close(conversation_id)
            self.view.put("conversation", ref=None, conversation=None, messages=[])
            return
        left = self._left(self.view.update_conversation(snapshot))
        await self._follow(snapshot, left)

    async def _read(self, conversation_id: uuid.UUID) -> Snapshot:
        return await in_database(take_snapshot, self._presence.membership, conversation_id, self.view.sight)

    async def _show_whole(self, snapshot: Snapshot, have: Have, ref: str | None) -> None:
        self.view.show_conversation(snapshot, ref)
        await self._follow(snapshot, have)

    async def _follow(self, snapshot: Snapshot, have: Have | None) -> None:
        fresh = [one for one in snapshot.writing if one.generation_id not in self.view.streams]
        for writing in fresh:
            had = None if have is None else have.get(writing.generation_id, 0)
            known = self.view.begin_stream(snapshot.conversation_id, writing, had)
            await shared_follower().follow(writing.generation_id, known, self)
            self._leave_ended(writing.generation_id)

    # What the follower calls

    def show(self, generation_id: uuid.UUID, entries: Sequence[Entry]) -> None:
        self.view.show(generation_id, entries)
        self._leave_ended(generation_id)

    def replace(self, generation_id: uuid.UUID, sequence: int, parts: list[Part]) -> None:
        self.view.replace(generation_id, sequence, parts)

    def look(self, generation_id: uuid.UUID) -> None:
        stream = self.view.streams.pop(generation_id, None)
        if stream is not None:
            self.begin(self._show_end(stream.conversation_id, stream.message_id))

    def wait(self, generation_id: uuid.UUID, place: Place | None) -> None:
        self.view.put_line(generation_id, place)

    def unsettled(self, words: str) -> None:
        self.view.put("unsettled", text=words)

    async def flush(self) -> None:
        """Send the frames in order; a flush that is under way takes the new ones along."""
        if self._flushing.locked():
            return
        async with self._flushing:
            while self.view.frames:
                await self._send(self.view.frames.popleft())

    def _leave_ended(self, generation_id: uuid.UUID) -> None:
        if generation_id not in self.view.streams:
            shared_follower().leave(self, generation_id)

    async def _show_end(self, conversation_id: uuid.UUID, message_id: uuid.UUID) -> None:
        async with self._turn:
            try:
                snapshot = await self._read(conversation_id)
            except (NotFound, DatabaseError) as error:
                log.warning("An ended answer could not be read: %s", error)
                return
            if conversation_id in self.view.shown:
                self.view.show_message(snapshot, message_id)
        await self.flush()

    def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something that nobody waits for; it ends with the page."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
