"""A page without a browser, on a real socket."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import aiohttp
from django.conf import settings

from accounts.models import Membership
from tests.cast import sign_in
from tests.reader import Frame, Reader
from tests.site import Site


class Page(Reader):
    """One open socket of one person."""

    def __init__(self, url: str, slug: str, session_key: str) -> None:
        super().__init__()
        self.url = url
        self.slug = slug
        self.closed_with: int | None = None
        self.bytes_received = 0
        self._changed = asyncio.Event()
        self.session_key = session_key
        self._http: aiohttp.ClientSession | None = None
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.close()

    async def connect(self) -> None:
        self.closed_with = None
        if self._http is None:
            self._http = aiohttp.ClientSession(cookies={settings.SESSION_COOKIE_NAME: self.session_key})
        self.socket = await self._open_socket(self._http)
        self._reader = asyncio.create_task(self._read())
        await self.until(lambda: any(frame["type"] in ("ready", "bye") for frame in self.frames))

    async def _open_socket(self, http: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
        address = f"{self.url}/o/{self.slug}/socket/"
        async with asyncio.timeout(60):
            while True:
                try:
                    return await http.ws_connect(address, headers={"Origin": self.url}, max_msg_size=0)
                except aiohttp.WSServerHandshakeError as error:
                    # As the page does, try again: a Valkey that has just come back has no ear for a second or two.
                    if error.status != 500:
                        raise
                    await asyncio.sleep(0.25)

    async def drop(self) -> None:
        """Lose the connection, as a network does."""
        if self._reader is not None:
            self._reader.cancel()
        if self.socket._response.connection is not None and self.socket._response.connection.transport is not None:
            self.socket._response.connection.transport.abort()
        self.lose_connection()

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
        if hasattr(self, "socket"):
            await self.socket.close()
        if self._http is not None:
            await self._http.close()

    async def ask(
        self, text: str, *, conversation: str | None = None, parent: str | None = None, **wish: Any
    ) -> tuple[str, str]:
        """Send a prompt; return the conversation and the answer's id once it is accepted."""
        conversation = conversation or str(uuid.uuid4())
        ref = str(uuid.uuid4())
        await self.send(
            action="send",
            ref=ref,
            conversation=conversation,
            message=str(uuid.uuid4()),
            parent=parent,
            text=text,
            **wish,
        )
        frame = await self.answer_to(ref)
        assert frame["type"] == "accepted", frame
        return conversation, frame["answer"]

    async def open(self, conversation: str, *, resume: bool = True) -> Frame:
        """Open a conversation, saying what is known of its answers."""
        ref = str(uuid.uuid4())
        await self.send(action="open", ref=ref, conversation=conversation, have=self.have() if resume else {})
        return await self.answer_to(ref)

    async def send(self, **request: Any) -> None:
        await self.socket.send_str(json.dumps(request))

    async def answer_to(self, ref: str, seconds: float = 120) -> Frame:
        await self.until(lambda: any(frame.get("ref") == ref for frame in self.frames), seconds)
        return next(frame for frame in self.frames if frame.get("ref") == ref)

    async def ended(self, answer: str, seconds: float = 240) -> str:
        """Wait until an answer has ended; return its state. The small model may ramble for a minute or two."""
        await self.until(lambda: self.states.get(answer) not in (None, "queued", "running"), seconds)
        return self.states[answer]

    async def until(self, holds: Callable[[], bool], seconds: float = 120) -> None:
        """Wait until something holds, looking after every frame."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"It did not hold within {seconds:.0f} seconds. {self._account()}") from None

    def _account(self) -> str:
        """Say what a person who debugs a test wants to know first."""
        last = "\n".join(json.dumps(frame)[:400] for frame in self.frames[-6:])
        return f"Closed with: {self.closed_with}; states: {self.states}; the last frames:\n{last}"

    async def _read(self) -> None:
        async for message in self.socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                self.bytes_received += len(message.data.encode())
                self.fold(message.data)
            self._changed.set()
        self.closed_with = self.socket.close_code
        self._changed.set()


def page_of(site: Site, member: Membership) -> Page:
    """Return a page of a member, signed in anew. Uses the database."""
    return Page(site.url, member.organization.slug, sign_in(member.user))
