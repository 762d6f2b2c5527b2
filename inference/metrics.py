"""Look at an engine's own metrics."""

from __future__ import annotations

import asyncio

import aiohttp

from inference.engine import Engine, Kind
from inference.gauges import Gauges, gauges_of
from inference.prometheus import MetricsError, parse
from inference.samples import Look, Presence

SECONDS = 10.0
LARGEST_PAGE = 8 * 1024 * 1024
OFFERED_BY = (Kind.VLLM, Kind.LLAMA_CPP)
# A proxy's words for a server that is away, and llama.cpp's while it loads.
AWAY = (502, 503, 504)


async def look_at(session: aiohttp.ClientSession, engine: Engine, at: float) -> Look:
    """Ask an engine for its metrics; whatever goes wrong is a look as well."""
    try:
        async with (
            asyncio.timeout(SECONDS),
            session.get(engine.root_url + "/metrics", headers=engine.headers, allow_redirects=False) as answer,
        ):
            if answer.status in AWAY:
                return Look(at=at, presence=Presence.DOWN)
            gauges = await _gauges(answer) if answer.status == 200 else None
    except (TimeoutError, aiohttp.ClientError, OSError):
        return Look(at=at, presence=Presence.DOWN)
    return Look(at=at, presence=Presence.UP if gauges else Presence.SILENT, gauges=gauges)


async def _gauges(answer: aiohttp.ClientResponse) -> Gauges | None:
    page = bytearray()
    async for piece in answer.content.iter_any():
        page += piece
        if len(page) > LARGEST_PAGE:
            return None
    try:
        return gauges_of(parse(page.decode(errors="replace")))
    except MetricsError:
        return None
