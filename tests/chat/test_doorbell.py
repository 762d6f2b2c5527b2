"""What the workers hear over Valkey."""

from __future__ import annotations

import asyncio

import pytest

from chat.redis_link import CONTROL_CHANNEL, connect
from chat.worker.service import Worker
from inference.stream import open_session
from tests.site import Site


@pytest.mark.parametrize("words", [b"stop nobody", b"snapshot", b"policy 1", b"\xff\xfe", b""])
async def test_what_nobody_understands_ends_no_listener(servers: Site, words: bytes) -> None:
    redis, listening = connect(), connect(connections=2, timeout=None)
    async with open_session() as session:
        worker = Worker(session, redis, listening)
        hearing = asyncio.create_task(worker._listen_forever())
        # It wakes up when it has begun to listen.
        await woken(worker)
        await redis.publish(CONTROL_CHANNEL, words)
        await redis.publish(CONTROL_CHANNEL, "queued")
        await woken(worker)
        assert not hearing.done()
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
    await redis.aclose()
    await listening.aclose()


async def woken(worker: Worker) -> None:
    async with asyncio.timeout(30):
        await worker._wake.wait()
    worker._wake.clear()
