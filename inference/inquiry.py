"""Ask an engine a short question: one JSON object for an answer."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import orjson

from inference.engine import Engine
from inference.errors import EngineBroken, EngineRefused, EngineUnreachable
from inference.refusals import check_status
from inference.wire import send

LOOK_SECONDS = 5.0


async def ask(
    session: aiohttp.ClientSession,
    engine: Engine,
    url: str,
    body: dict[str, Any] | None = None,
    *,
    seconds: float,
) -> dict[str, Any]:
    """GET an address, or POST a body to it, and return the object that comes back. Raises InferenceError."""
    try:
        async with asyncio.timeout(seconds):
            response = await send(
                session,
                "GET" if body is None else "POST",
                url,
                data=None if body is None else orjson.dumps(body),
                headers={**engine.headers, "Content-Type": "application/json"},
            )
            answer = await response.read()
    except TimeoutError as error:
        raise EngineUnreachable(f"No answer came within {seconds:.0f} seconds.") from error
    except (aiohttp.ClientError, OSError) as error:
        raise EngineUnreachable(str(type(error).__name__)) from error
    check_status(response.status, answer)
    return _object(answer)


async def look(
    session: aiohttp.ClientSession, engine: Engine, url: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Ask what an engine need not tell: nothing when it has no such address, or something else there."""
    try:
        return await ask(session, engine, url, body, seconds=LOOK_SECONDS)
    except (EngineRefused, EngineBroken):
        return {}


def _object(answer: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(answer)
    except orjson.JSONDecodeError as error:
        raise EngineBroken("The engine does not speak JSON.") from error
    if not isinstance(found, dict):
        raise EngineBroken("The engine did not answer with an object.")
    return found
