"""One streamed chat, from request to typed events. Closing the generator closes the connection at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from inference.controls import Restorer
from inference.engine import Deadlines, Engine
from inference.errors import EngineBroken, EngineTimeout, EngineUnreachable, check_status
from inference.patience import Patience
from inference.request import ChatRequest, body_of
from inference.splitter import ThinkSplitter
from inference.sse import EventReader
from inference.usage import Usage, usage_of

REASONING_FIELDS = ("reasoning", "reasoning_content", "thinking")
MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Text:
    """Text of a channel: `reasoning` or `answer`."""

    channel: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The engine ended by itself; `reason` is its own word: stop, length, …"""

    reason: str
    usage: Usage


Event = Text | Finished


def open_session() -> aiohttp.ClientSession:
    """Return a session for engines: no cookies, no proxies of the environment, as many connections as needed."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        timeout=aiohttp.ClientTimeout(total=None),
        auto_decompress=True,
        read_bufsize=2**16,
    )


async def stream_chat(
    session: aiohttp.ClientSession, engine: Engine, request: ChatRequest, deadlines: Deadlines
) -> AsyncGenerator[Event, None]:
    """Ask an engine and yield text as it comes, then Finished. Raises the errors of inference.errors."""
    reply = Reply()
    response = await _post(session, engine, request, deadlines)
    # Closing the response ends the read that is waiting; no task is cancelled for it.
    patience = Patience(deadlines.first_token, response.close)
    try:
        _check(response)
        chunks = response.content.iter_any().__aiter__()
        while not reply.complete and (chunk := await _next(chunks, patience, reply)) is not None:
            for event in reply.feed(chunk):
                yield event
            if reply.begun:
                patience.limit = deadlines.between_tokens
        for event in reply.close():
            yield event
    finally:
        patience.end()
        # close() drops the connection, which makes the engine abort; release() would wait for its rest.
        response.release() if reply.complete else response.close()


class Reply:
    """Read the chunks of one streamed completion."""

    def __init__(self) -> None:
        self.complete = False
        self.begun = False
        self._events = EventReader()
        self._splitter = ThinkSplitter()
        self._restorers = {"reasoning": Restorer(), "answer": Restorer()}
        self._bytes = 0
        self._chunks = {"reasoning": 0, "answer": 0}
        self._reason = ""
        self._usage: Any = None

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Take bytes; yield text. Raises EngineBroken."""
        self._bytes += len(chunk)
        if self._bytes > MOST_BYTES:
            raise EngineBroken("The answer is larger than any answer may be.")
        for data in self._events.feed(chunk):
            if data == b"[DONE]":
                self.complete = True
                return
            yield from self._data(data)

    def close(self) -> Iterator[Event]:
        """Yield what was held back and how it ended. Raises EngineBroken when it did not end."""
        for channel, text in self._splitter.close():
            yield from self._text(channel, text)
        for channel, restorer in self._restorers.items():
            if rest := restorer.close():
                yield Text(channel, rest)
        if not self._reason:
            raise EngineBroken("The stream ended before the answer did.")
        yield Finished(reason=self._reason, usage=usage_of(self._usage, **self._chunks))

    def _data(self, data: bytes) -> Iterator[Event]:
        try:
            chunk = orjson.loads(data)
            if "error" in chunk:
                raise EngineBroken("The engine reported an error inside the stream.")
            if chunk.get("usage"):
                self._usage = chunk["usage"]
            for choice in chunk.get("choices") or ():
                self._reason = choice.get("finish_reason") or self._reason
                yield from self._delta(choice.get("delta") or {})
        except (AttributeError, TypeError, ValueError) as error:
            raise EngineBroken("A chunk of the stream is not what it should be.") from error

    def _delta(self, delta: dict[str, Any]) -> Iterator[Event]:
        for name in REASONING_FIELDS:
            if text := delta.get(name):
                self._chunks["reasoning"] += 1
                yield from self._text("reasoning", text)
                break
        if text := delta.get("content"):
            for channel, piece in self._splitter.feed(text):
                self._chunks[channel] += 1
                yield from self._text(channel, piece)

    def _text(self, channel: str, text: str) -> Iterator[Event]:
        # PostgreSQL keeps no NUL; Markdown shows it as the same sign.
        if text := self._restorers[channel].feed(text.replace("\x00", "\ufffd")):
            self.begun = True
            yield Text(channel, text)


async def _post(
    session: aiohttp.ClientSession, engine: Engine, request: ChatRequest, deadlines: Deadlines
) -> aiohttp.ClientResponse:
    try:
        async with asyncio.timeout(deadlines.first_token):
            return await session.post(
                f"{engine.base_url}/chat/completions",
                data=orjson.dumps(body_of(engine, request)),
                headers={**engine.headers, "Content-Type": "application/json", "Accept": "text/event-stream"},
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=deadlines.connect),
            )
    except aiohttp.ServerTimeoutError as error:
        raise EngineUnreachable("No connection came about in time.") from error
    except TimeoutError as error:
        raise EngineTimeout("first-token") from error
    except (aiohttp.ClientError, OSError) as error:
        raise EngineUnreachable(str(type(error).__name__)) from error


def _check(response: aiohttp.ClientResponse) -> None:
    check_status(response.status)
    if response.content_type != "text/event-stream":
        raise EngineBroken("The engine did not answer with a stream.")


async def _next(chunks: AsyncIterator[bytes], patience: Patience, reply: Reply) -> bytes | None:
    try:
        chunk = await anext(chunks, None)
    except (aiohttp.ClientError, OSError) as error:
        if patience.is_lost:
            raise EngineTimeout("between-tokens" if reply.begun else "first-token") from error
        raise EngineBroken("The connection to the engine broke.") from error
    patience.heard()
    return chunk
