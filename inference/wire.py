"""One HTTP request to an engine. Redirects are not followed: they would take the key elsewhere."""

from __future__ import annotations

from typing import Any

import aiohttp


async def send(session: aiohttp.ClientSession, method: str, url: str, **options: Any) -> aiohttp.ClientResponse:
    """Send a request, and once more where a connection that was kept turns out to be closed."""
    try:
        return await session.request(method, url, allow_redirects=False, **options)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
        return await session.request(method, url, allow_redirects=False, **options)
