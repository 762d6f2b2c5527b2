"""The token log refuses, fills up or hangs. Only an append behind somebody else's means that a run is lost."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator

import pytest
from django.conf import settings
from redis.asyncio import Redis

from chat import token_log
from chat.redis_link import connect
from chat.token_log import contiguous, fold
from chat.transcript import Transcript
from chat.worker.log_writer import LogWriter
from chat.worker.run import Run
from hermes_web.stack.layout import Layout
from tests.site import Site


def new_run(writer: LogWriter) -> Run:
    run = Run(generation_id=uuid.uuid4(), epoch=1, sequence=0, transcript=Transcript())
    writer.add(run)
    return run


async def text_of(redis: Redis, run: Run) -> str:
    entries = await token_log.read(redis, run.generation_id)
    return fold(Transcript(), contiguous(entries)).text()


@pytest.fixture
async def redis(servers: Site) -> AsyncIterator[Redis]:
    client = connect()
    yield client
    await client.config_set("maxmemory", 0)
    await client.aclose()


async def test_a_full_log_is_out_of_reach_and_not_a_take_over(redis: Redis) -> None:
    writer = LogWriter(redis)
    run = new_run(writer)
    run.release("a", "Before, ")
    assert await writer.flush()
    await redis.config_set("maxmemory", 1)
    run.release("a", "meanwhile, ")
    assert not await writer.flush()
    assert not run.fenced
    await redis.config_set("maxmemory", 0)
    run.release("a", "after.")
    assert await writer.flush()
    assert await text_of(redis, run) == run.transcript.text() == "Before, meanwhile, after."


async def test_a_log_that_was_taken_over_ends_the_run(redis: Redis) -> None:
    writer = LogWriter(redis)
    run, other = new_run(writer), new_run(writer)
    await token_log.fence(redis, run.generation_id, epoch=2, sequence=0)
    run.release("a", "Too late")
    other.release("a", "In time")
    assert await writer.flush()
    assert (run.fenced, other.fenced) == (True, False)


class Strait:
    """A way to the Valkey of this run. While it is closed, what sets out waits."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.opened.set()
        self.waits = asyncio.Event()

    async def pass_through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner, outer = await asyncio.open_unix_connection(str(Layout(settings.DATA_DIR).valkey_socket))
        await asyncio.gather(self._copy(reader, outer), self._copy(inner, writer))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(2**16):
                if not self.opened.is_set():
                    self.waits.set()
                    await self.opened.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


async def test_a_flush_that_one_run_gives_up_goes_on_for_the_others(redis: Redis) -> None:
    strait = Strait()
    server = await asyncio.start_server(strait.pass_through, "127.0.0.1", 0)
    slow = Redis(host="127.0.0.1", port=server.sockets[0].getsockname()[1], protocol=2, max_connections=1)
    writer = LogWriter(slow)
    run = new_run(writer)
    run.release("a", "Kept, ")
    assert await writer.flush()
    strait.opened.clear()
    run.release("a", "all of it,")
    flush = asyncio.create_task(writer.flush())
    await strait.waits.wait()
    flush.cancel()
    await asyncio.wait([flush])
    assert flush.cancelled()
    strait.opened.set()
    run.release("a", " once.")
    assert await writer.flush()
    assert await text_of(redis, run) == "Kept, all of it, once."
    # Pages are not sent the whole again.
    assert {entry.kind for entry in await token_log.read(redis, run.generation_id)} == {"a"}
    await slow.aclose()
    server.close()
