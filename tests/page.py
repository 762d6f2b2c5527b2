"""A page without a browser: a real socket, and the same folding of frames that the page's script does, written apart."""

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
from tests.site import Site

Frame = dict[str, Any]


class Page:
    """One open socket of one person. `texts` holds what the page shows of each message."""

    def __init__(self, url: str, slug: str, session_key: str) -> None:
        self.url = url
        self.slug = slug
        self.frames: list[Frame] = []
        self.parts: dict[str, list[Frame]] = {}
        self.states: dict[str, str] = {}
        self.sequences: dict[str, int] = {}
        self.generations: dict[str, str] = {}
        self.closed_with: int | None = None
        self.bytes_received = 0
        self._numbers: dict[int, str] = {}
        self._changed = asyncio.Event()
        self._session_key = session_key
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
            self._http = aiohttp.ClientSession(cookies={settings.SESSION_COOKIE_NAME: self._session_key})
        self.socket = await self._http.ws_connect(
            f"{self.url}/o/{self.slug}/socket/", headers={"Origin": self.url}, max_msg_size=0
        )
        self._reader = asyncio.create_task(self._read())
        await self.until(lambda: any(frame["type"] == "ready" for frame in self.frames))

    async def drop(self) -> None:
        """Lose the connection, as a network does."""
        if self._reader is not None:
            self._reader.cancel()
        if self.socket._response.connection is not None and self.socket._response.connection.transport is not None:
            self.socket._response.connection.transport.abort()
        self._numbers.clear()
        self.frames.clear()

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
        if self._http is not None:
            await self._http.close()

    async def ask(self, text: str, *, conversation: str | None = None, parent: str | None = None) -> tuple[str, str]:
        """Send a prompt; return the conversation and the answer's id once it is accepted."""
        conversation = conversation or str(uuid.uuid4())
        ref = str(uuid.uuid4())
        await self.send(
            action="send", ref=ref, conversation=conversation, message=str(uuid.uuid4()), parent=parent, text=text
        )
        frame = await self.answer_to(ref)
        assert frame["type"] == "accepted", frame
        return conversation, frame["answer"]

    async def open(self, conversation: str, *, resume: bool = True) -> Frame:
        """Open a conversation, saying what is known of its answers."""
        have = {self.generations[one]: at for one, at in self.sequences.items() if one in self.generations and at}
        ref = str(uuid.uuid4())
        await self.send(action="open", ref=ref, conversation=conversation, have=have if resume else {})
        return await self.answer_to(ref)

    async def send(self, **request: Any) -> None:
        await self.socket.send_str(json.dumps(request))

    async def answer_to(self, ref: str, seconds: float = 15) -> Frame:
        await self.until(lambda: any(frame.get("ref") == ref for frame in self.frames), seconds)
        return next(frame for frame in self.frames if frame.get("ref") == ref)

    async def ended(self, answer: str, seconds: float = 60) -> str:
        """Wait until an answer has ended; return its state."""
        await self.until(lambda: self.states.get(answer) not in (None, "queued", "running"), seconds)
        return self.states[answer]

    async def until(self, holds: Callable[[], bool], seconds: float = 15) -> None:
        """Wait until something holds, looking after every frame."""
        async with asyncio.timeout(seconds):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    def text(self, answer: str, kind: str = "text") -> str:
        """Return what the page shows of an answer."""
        return "".join(part["text"] for part in self.parts.get(answer, []) if part["type"] == kind)

    async def _read(self) -> None:
        async for message in self.socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                self.bytes_received += len(message.data.encode())
                self._fold(message.data)
            self._changed.set()
        self.closed_with = self.socket.close_code
        self._changed.set()

    def _fold(self, text: str) -> None:
        if not text.startswith("{"):
            self._delta(text)
            return
        frame = json.loads(text)
        self.frames.append(frame)
        if frame["type"] == "conversation":
            for message in frame["messages"]:
                self._message(message)
        elif frame["type"] == "message":
            self._message(frame["message"])
        elif frame["type"] == "stream":
            self._stream(frame)
        elif frame["type"] == "state":
            self.states[frame["message"]] = frame["state"]
            self.sequences[frame["message"]] = frame["sequence"]

    def _message(self, message: Frame) -> None:
        key, active = message["id"], message["state"] in ("queued", "running")
        self.states[key] = message["state"]
        if message["generation"]:
            self.generations[key] = message["generation"]
        # The row of an unfinished answer may be older than what was shown.
        if not active or message["sequence"] >= self.sequences.get(key, 0):
            self.parts[key] = [dict(part) for part in message["parts"]]
            self.sequences[key] = message["sequence"]

    def _stream(self, frame: Frame) -> None:
        self._numbers[frame["n"]] = frame["message"]
        self.generations[frame["message"]] = frame["generation"]
        if "parts" in frame:
            self.parts[frame["message"]] = [dict(part) for part in frame["parts"]]
            self.sequences[frame["message"]] = frame["sequence"]

    def _delta(self, text: str) -> None:
        head, sequence, words = text.replace("~", " ~", 1).split(" ", 2) if "~" in text[:9] else text.split(" ", 2)
        kind = "reasoning" if sequence.startswith("~") else "text"
        key = self._numbers[int(head)]
        assert int(sequence.lstrip("~")) > self.sequences[key], "a delta came twice"
        parts = self.parts[key]
        if not parts or parts[-1]["type"] != kind:
            parts.append({"type": kind, "text": ""})
        parts[-1]["text"] += words
        self.sequences[key] = int(sequence.lstrip("~"))


def page_of(site: Site, member: Membership) -> Page:
    """Return a page of a member, signed in anew. Uses the database."""
    return Page(site.url, member.organization.slug, sign_in(member.user))
