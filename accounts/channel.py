"""Send hints over the channel layer from any thread, without waiting.

The layer keeps its connections by event loop, so one loop in a thread of its own sends for the whole process.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from concurrent.futures import Future
from functools import lru_cache

from channels.layers import get_channel_layer
from redis import RedisError

log = logging.getLogger(__name__)


def send_hint(group: str, hint: dict[str, str]) -> None:
    """Send a hint to a group, soon. It may be lost: whoever needs it also looks at the rows."""
    asyncio.run_coroutine_threadsafe(_send(group, hint), _loop()).add_done_callback(_tell)


async def _send(group: str, hint: dict[str, str]) -> None:
    try:
        await get_channel_layer().group_send(group, hint)
    except (RedisError, OSError) as error:
        log.warning("A hint was not sent, open pages will look for themselves: %s", error)


def _tell(sent: Future[None]) -> None:
    if (error := sent.exception()) is not None:
        log.error("A hint was not sent", exc_info=error)


@lru_cache(maxsize=1)
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="hints", daemon=True).start()
    return loop
