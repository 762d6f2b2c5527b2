"""One streamed chat, from request to typed events. Closing the generator closes the connection at once."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress

import aiohttp
import orjson

from inference.adapters import body_of
from inference.engine import Deadlines, Engine
from inference.errors import EngineBroken, EngineTimeout, EngineUnreachable
from inference.events import Event, Finished, Text, ToolCall
from inference.patience import Patience
from inference.refusals import MOST_BYTES, check_status
from inference.reply import Reply
from inference.request import ChatRequest
from inference.wire import send

__all__ = ["Event", "Finished", "Text", "ToolCall", "open_session", "stream_chat"]

USER_AGENT = "hermes-web"
# An error's text comes with its head; it is not waited for long.
ERROR_SECONDS = 2.0


def open_session() -> aiohttp.ClientSession:
    """Return a session for engines: no cookies, no proxies of the environment, as many connections as needed."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        timeout=aiohttp.ClientTimeout(total=None),
        auto_decompress=True,
        read_bufsize=2**16,
        headers={"User-Agent": USER_AGENT},
    )


async def stream_chat(
    session: aiohttp.ClientSession,
    engine: Engine,
    request: ChatRequest,
    deadlines: Deadlines,
    reply: Reply | None = None,
) -> AsyncGenerator[Event, None]:
    """Ask an engine and yield text and calls as they come, then Finished. Raises the errors of inference.errors.

    Who gives a `reply` of the same request can ask it meanwhile how much has come.
    """
    reply = reply or Reply(request)
    response = await _post(session, engine, request, deadlines)
    # Closing the response ends the read that is waiting; no task is cancelled for it.
    patience = Patience(deadlines.first_token, response.close)
    try:
        await _check(response)
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


async def _post(
    session: aiohttp.ClientSession, engine: Engine, request: ChatRequest, deadlines: Deadlines
) -> aiohttp.ClientResponse:
    try:
        async with asyncio.timeout(deadlines.first_token):
            return await send(
                session,
                "POST",
                f"{engine.base_url}/chat/completions",
                data=orjson.dumps(body_of(engine, request)),
                headers=_headers(engine, request),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=deadlines.connect),
            )
    except aiohttp.ServerTimeoutError as error:
        raise EngineUnreachable("No connection came about in time.") from error
    except TimeoutError as error:
        raise EngineTimeout("first-token") from error
    except (aiohttp.ClientError, OSError) as error:
        raise EngineUnreachable(str(type(error).__name__)) from error


def _headers(engine: Engine, request: ChatRequest) -> dict[str, str]:
    return {
        **engine.headers,
        "Content-Type": "application/json",
        "Accept": "text/event-stream",
        "X-Request-Id": request.id or uuid.uuid4().hex,
    }


async def _check(response: aiohttp.ClientResponse) -> None:
    if response.status != 200:
        check_status(response.status, await _start(response))
    if response.content_type != "text/event-stream":
        raise EngineBroken("The engine did not answer with a stream.")


async def _start(response: aiohttp.ClientResponse) -> bytes:
    """Return the beginning of an error's text, or nothing when it does not come."""
    read = b""
    with suppress(TimeoutError, aiohttp.ClientError, OSError):
        async with asyncio.timeout(ERROR_SECONDS):
            while len(read) < MOST_BYTES and (more := await response.content.read(MOST_BYTES)):
                read += more
    return read


async def _next(chunks: AsyncIterator[bytes], patience: Patience, reply: Reply) -> bytes | None:
    try:
        chunk = await anext(chunks, None)
    except (aiohttp.ClientError, OSError) as error:
        if patience.is_lost:
            raise EngineTimeout("between-tokens" if reply.begun else "first-token") from error
        raise EngineBroken("The connection to the engine broke.") from error
    patience.heard()
    return chunk
