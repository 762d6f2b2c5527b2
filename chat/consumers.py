"""The socket: frames in become requests, changes become frames. Nothing long happens in a handler."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Sequence
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError

from accounts.errors import NoAccess, SignedOut
from accounts.models import Membership
from accounts.seats import Found, Seat
from chat import bye, frames, requests
from chat.actions.conversations import select_branch
from chat.actions.generations import continue_answer, stop
from chat.actions.prompts import Accepted, regenerate, submit_prompt
from chat.attendance import Shown, Versions, shared_attendance
from chat.build import build
from chat.bye import Closing
from chat.database import in_database
from chat.errors import ChatError, NotFound
from chat.follower import shared_follower
from chat.limits import FRAME_BYTES, FRAMES_BURST, FRAMES_PER_SECOND
from chat.pace import Pace
from chat.presence import Presence
from chat.queries import conversation_for
from chat.requests import NotTheProtocol, Open, Request, decode, parse, ref_of
from chat.snapshot import Snapshot, Writing, take_snapshot, written_snapshot
from chat.socket_view import SocketView
from chat.token_log import Entry
from chat.transcript import Part

log = logging.getLogger(__name__)

UNAVAILABLE = "The database is out of reach for a moment. Try again; nothing is sent twice."


class ChatConsumer(AsyncWebsocketConsumer):
    """One page of one person in one organization."""

    async def connect(self) -> None:
        self.view = SocketView()
        self.flushing = asyncio.Lock()
        self.pace = Pace(per_second=FRAMES_PER_SECOND, burst=FRAMES_BURST)
        self.tasks: list[asyncio.Task[None]] = []
        self.presence = Presence(self.scope, self.channel_layer, self.channel_name)
        try:
            await self.presence.look()
        except (NoAccess, SignedOut):
            await self.close()
            return
        await self.accept()
        if not self.presence.enter():
            await self._leave(bye.TOO_MANY_PAGES)
            return
        shared_attendance().enter(self)
        await self.presence.join()
        self.view.put("ready", user=str(self.membership.user_id), build=build())
        await self.flush()

    async def disconnect(self, code: int) -> None:
        shared_attendance().leave(self)
        shared_follower().leave(self)
        for task in self.tasks:
            task.cancel()
        await self.presence.leave()

    @property
    def membership(self) -> Membership:
        """Who acts, as looked at last."""
        return self.presence.membership

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            facts = self._read(text_data)
        except Closing as closing:
            await self._leave(closing.code)
            return
        await self._answer(facts)

    def _read(self, text: str | None) -> dict[str, Any]:
        if text is None:
            raise Closing(bye.NOT_THE_PROTOCOL)
        if len(text) > FRAME_BYTES or len(text.encode(errors="surrogatepass")) > FRAME_BYTES:
            raise Closing(bye.TOO_LARGE)
        if not self.pace.allows():
            raise Closing(bye.TOO_FAST)
        try:
            return decode(text)
        except NotTheProtocol:
            raise Closing(bye.NOT_THE_PROTOCOL) from None

    async def _answer(self, facts: dict[str, Any]) -> None:
        ref = ref_of(facts)
        try:
            await self._do(parse(facts), ref)
        except ChatError as error:
            self.view.frames.append(frames.encode(frames.refused(ref, error)))
        except DatabaseError as error:
            log.warning("A request could not be answered: %s", error)
            self.view.put("refused", ref=ref, code="unavailable", text=UNAVAILABLE)
        await self.flush()

    async def _do(self, request: Request, ref: str | None) -> None:
        match request:
            case Open():
                await self._open(request, ref)
            case requests.Close():
                self._close(request.conversation)
            case requests.Send():
                await self._send(request, ref)
            case requests.Regenerate():
                await self._regenerate(request, ref)
            case requests.Continue():
                await in_database(continue_answer, acting=self.membership, generation_id=request.generation)
            case requests.Stop():
                await in_database(stop, acting=self.membership, generation_id=request.generation)
            case requests.Select():
                await self._select(request, ref)
            case requests.Ping():
                self.view.put("pong", ref=ref)

    async def _open(self, request: Open, ref: str | None) -> None:
        self._close(request.conversation)
        snapshot = await in_database(take_snapshot, self.membership, request.conversation)
        self.view.show_conversation(snapshot, ref)
        await self._follow(snapshot, request.have)

    def _close(self, conversation_id: uuid.UUID) -> None:
        for generation_id in self.view.close(conversation_id):
            shared_follower().leave(self, generation_id)

    async def _send(self, request: requests.Send, ref: str | None) -> None:
        result = await in_database(
            submit_prompt,
            acting=self.membership,
            conversation_id=request.conversation,
            message_id=request.message,
            parent_id=request.parent,
            text=request.text,
        )
        await self._accepted(result, ref)

    async def _regenerate(self, request: requests.Regenerate, ref: str | None) -> None:
        result = await in_database(
            regenerate,
            acting=self.membership,
            conversation_id=request.conversation,
            message_id=request.message,
            answer_id=request.answer,
        )
        await self._accepted(result, ref)

    async def _accepted(self, result: Accepted, ref: str | None) -> None:
        self.view.frames.append(frames.encode(frames.accepted(ref, result)))
        written, shown = result.written, result.conversation_id in self.view.shown
        if written is not None and (shown or written.is_new):
            snapshot = written_snapshot(written)
            if shown:
                self.view.add_messages(snapshot)
            else:
                self.view.show_conversation(snapshot, None)
            await self._follow(snapshot, {})
        elif shown:
            await self._refresh(result.conversation_id)
        else:
            await self._open(Open(conversation=result.conversation_id), None)

    async def _select(self, request: requests.Select, ref: str | None) -> None:
        await in_database(
            select_branch,
            acting=self.membership,
            conversation_id=request.conversation,
            message_id=request.message,
        )
        await self._open(Open(conversation=request.conversation), ref)

    async def _refresh(self, conversation_id: uuid.UUID) -> None:
        if conversation_id not in self.view.shown:
            return
        try:
            snapshot = await in_database(take_snapshot, self.membership, conversation_id)
        except NotFound:
            self._close(conversation_id)
            self.view.put("conversation", ref=None, conversation=None, messages=[])
            return
        if conversation_id in self.view.shown:
            self.view.update_conversation(snapshot)
            await self._follow(snapshot, {})

    async def _follow(self, snapshot: Snapshot, have: dict[uuid.UUID, int]) -> None:
        fresh: list[Writing] = [one for one in snapshot.writing if one.generation_id not in self.view.streams]
        for writing in fresh:
            had = have.get(writing.generation_id, 0)
            known = self.view.begin_stream(snapshot.conversation_id, writing, had)
            await shared_follower().follow(writing.generation_id, known, self)

    # What the follower calls

    def show(self, generation_id: uuid.UUID, entries: Sequence[Entry]) -> None:
        self.view.show(generation_id, entries)
        if generation_id not in self.view.streams:
            shared_follower().leave(self, generation_id)

    def replace(self, generation_id: uuid.UUID, sequence: int, parts: list[Part]) -> None:
        self.view.replace(generation_id, sequence, parts)

    def look(self, generation_id: uuid.UUID) -> None:
        stream = self.view.streams.pop(generation_id, None)
        if stream is not None:
            self.tasks.append(asyncio.create_task(self._look(stream.conversation_id, stream.message_id)))

    def unsettled(self, words: str) -> None:
        self.view.put("unsettled", text=words)

    async def flush(self) -> None:
        """Send the frames in order; a flush that is under way takes the new ones along."""
        if self.flushing.locked():
            return
        async with self.flushing:
            while self.view.frames:
                await self.send(text_data=self.view.frames.popleft())

    async def _look(self, conversation_id: uuid.UUID, message_id: uuid.UUID) -> None:
        try:
            snapshot = await in_database(take_snapshot, self.membership, conversation_id)
        except (NotFound, DatabaseError) as error:
            log.warning("An ended answer could not be read: %s", error)
            return
        if conversation_id in self.view.shown:
            self.view.show_message(snapshot, message_id)
            await self.flush()

    # Hints from the channel layer

    async def conversation_changed(self, event: dict[str, str]) -> None:
        self.view.put("listing")
        conversation_id = uuid.UUID(event["conversation"])
        if self.view.is_older(conversation_id, event["version"]):
            await self._refresh_safely(conversation_id)
        await self.flush()

    async def listing_changed(self, event: dict[str, str]) -> None:
        self.view.put("listing")
        await self.flush()

    async def title_changed(self, event: dict[str, str]) -> None:
        conversation_id = uuid.UUID(event["conversation"])
        try:
            found = await in_database(conversation_for, self.membership, conversation_id)
        except (NotFound, DatabaseError):
            return
        self.view.put("title", conversation=str(found.id), title=found.title)
        await self.listing_changed(event)

    async def access_changed(self, event: dict[str, str]) -> None:
        await shared_attendance().look([self])

    async def _refresh_safely(self, conversation_id: uuid.UUID) -> None:
        try:
            await self._refresh(conversation_id)
        except DatabaseError as error:
            log.warning("A page could not be refreshed: %s", error)
        await self.flush()

    # What the attendance calls

    @property
    def seat(self) -> Seat:
        return self.presence.seat

    @property
    def shows(self) -> list[Shown]:
        return [Shown(self.membership.organization_id, self.membership.user_id, one) for one in self.view.shown]

    async def attended(self, found: Found, versions: Versions) -> None:
        if isinstance(found, SignedOut):
            await self._leave(bye.SIGNED_OUT)
        elif isinstance(found, NoAccess):
            await self._leave(bye.NO_ACCESS)
        else:
            self.presence.membership = found
            await self.presence.join()
            for one in self.shows:
                if versions.get(one) != self.view.shown[one.conversation_id].version:
                    await self._refresh_safely(one.conversation_id)

    async def _leave(self, code: int) -> None:
        self.view.frames.clear()
        self.view.put("bye", code=code, text=bye.WORDS[code])
        shared_attendance().leave(self)
        shared_follower().leave(self)
        await self.flush()
        await self.close(code=code)
