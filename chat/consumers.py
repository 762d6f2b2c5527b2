"""The socket: frames in become requests, changes become frames. Nothing long happens in a handler."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from autobahn.exception import Disconnected
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError

from accounts.errors import NoAccess, SignedOut
from accounts.models import Membership
from accounts.seats import Seat
from chat import bye, frames, requests
from chat.actions.conversations import select_branch
from chat.actions.generations import continue_answer, stop
from chat.actions.prompts import regenerate, submit_prompt
from chat.attendance import Shown, Versions, shared_attendance
from chat.build import build
from chat.bye import Closing
from chat.database import in_database
from chat.errors import ChatError, NotFound, Unavailable
from chat.limits import FRAME_BYTES, FRAMES_BURST, FRAMES_PER_SECOND
from chat.pace import Pace
from chat.presence import Presence
from chat.queries import conversation_for, sight_of
from chat.requests import NotTheProtocol, Open, Request, decode, parse, ref_of
from chat.viewer import Viewer
from chat.visibility import Sight

log = logging.getLogger(__name__)

Message = dict[str, Any]


class ChatConsumer(AsyncWebsocketConsumer):
    """One page of one person in one organization."""

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        # However it ends: to a consumer that failed Channels says no word of the disconnect.
        async with AsyncExitStack() as self.ending:
            await super().__call__(scope, receive, send)

    async def connect(self) -> None:
        self.has_left = False
        self.pace = Pace(per_second=FRAMES_PER_SECOND, burst=FRAMES_BURST)
        self.presence = Presence(self.scope, self.channel_layer, self.channel_name)
        self.viewer = Viewer(self.presence, self._say)
        self.attending: asyncio.Task[None] | None = None
        self.ending.push_async_callback(self._forget)
        try:
            await self.presence.look()
        except (NoAccess, SignedOut):
            await self.close()
            return
        self.viewer.view.sight = await in_database(sight_of, self.membership)
        await self.accept()
        if not self.presence.enter():
            await self._leave(bye.TOO_MANY_PAGES)
            return
        shared_attendance().enter(self)
        await self.presence.join()
        self.viewer.view.put("ready", user=str(self.membership.user_id), build=build())
        await self.viewer.flush()

    async def _forget(self) -> None:
        shared_attendance().leave(self)
        self.viewer.close_all()
        await self.presence.leave()

    async def _leave(self, code: int) -> None:
        if self.has_left:
            return
        shared_attendance().leave(self)
        self.viewer.close_all()
        await self._say(frames.frame("bye", code=code, text=bye.WORDS[code]))
        self.has_left = True
        await self.close(code=code)

    async def _say(self, frame: str) -> None:
        if self.has_left:
            return
        try:
            await self.send(text_data=frame)
        except Disconnected:
            # The socket is closing; the word of it is on its way to us.
            self.has_left = True

    @property
    def membership(self) -> Membership:
        """Who acts, as looked at last."""
        return self.presence.membership

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.has_left:
            return
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
            self._refuse(ref, error)
        except DatabaseError as error:
            log.warning("A request could not be answered: %s", error)
            self._refuse(ref, Unavailable())
        await self.viewer.flush()

    def _refuse(self, ref: str | None, error: ChatError) -> None:
        self.viewer.view.frames.append(frames.encode(frames.refused(ref, error)))

    async def _do(self, request: Request, ref: str | None) -> None:
        match request:
            case Open():
                await self.viewer.open(request.conversation, request.have, ref)
            case requests.Close():
                self.viewer.close(request.conversation)
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
                self.viewer.view.put("pong", ref=ref)

    async def _send(self, request: requests.Send, ref: str | None) -> None:
        result = await in_database(
            submit_prompt,
            acting=self.membership,
            conversation_id=request.conversation,
            message_id=request.message,
            parent_id=request.parent,
            text=request.text,
            wish=request.wish,
        )
        await self.viewer.show_accepted(result, ref)

    async def _regenerate(self, request: requests.Regenerate, ref: str | None) -> None:
        result = await in_database(
            regenerate,
            acting=self.membership,
            conversation_id=request.conversation,
            message_id=request.message,
            answer_id=request.answer,
            wish=request.wish,
        )
        await self.viewer.show_accepted(result, ref)

    async def _select(self, request: requests.Select, ref: str | None) -> None:
        await in_database(
            select_branch,
            acting=self.membership,
            conversation_id=request.conversation,
            message_id=request.message,
        )
        await self.viewer.turn_to(request.conversation, ref)

    # Hints from the channel layer

    async def conversation_changed(self, event: dict[str, str]) -> None:
        self.viewer.view.put("listing")
        conversation_id = uuid.UUID(event["conversation"])
        if self.viewer.view.is_older(conversation_id, event["version"]):
            await self.viewer.renew(conversation_id)
        await self.viewer.flush()

    async def listing_changed(self, event: dict[str, str]) -> None:
        self.viewer.view.put("listing")
        await self.viewer.flush()

    async def title_changed(self, event: dict[str, str]) -> None:
        conversation_id = uuid.UUID(event["conversation"])
        try:
            found = await in_database(conversation_for, self.membership, conversation_id)
        except (NotFound, DatabaseError):
            return
        self.viewer.view.put("title", conversation=str(found.id), title=found.title)
        await self.listing_changed(event)

    async def access_changed(self, event: dict[str, str]) -> None:
        await shared_attendance().look([self])

    # What the attendance calls

    @property
    def seat(self) -> Seat:
        return self.presence.seat

    @property
    def shows(self) -> list[Shown]:
        shown = self.viewer.view.shown
        return [Shown(self.membership.organization_id, self.membership.user_id, one) for one in shown]

    async def dismissed(self, why: NoAccess | SignedOut) -> None:
        await self._leave(bye.SIGNED_OUT if isinstance(why, SignedOut) else bye.NO_ACCESS)

    def attended(self, membership: Membership, sight: Sight, versions: Versions) -> None:
        self.presence.membership = membership
        if sight != self.viewer.view.sight:
            # At once, for what is on its way; then for what is there.
            self.viewer.view.sight = sight
            self.viewer.begin(self.viewer.show_anew())
        # One that still waits, for a lost connection say, is as good as a new one.
        if self.attending is None or self.attending.done():
            self.attending = self.viewer.begin(self._attend(versions))

    async def _attend(self, versions: Versions) -> None:
        for one in self.shows:
            shown = self.viewer.view.shown.get(one.conversation_id)
            if shown is not None and versions.get(one) != shown.version:
                await self.viewer.renew(one.conversation_id)
        await self.presence.join()
