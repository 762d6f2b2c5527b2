"""Pages come and go while others are told: nobody is forgotten."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence

import pytest

from chat import token_log
from chat.follower import Follower
from chat.foresight import Place
from chat.redis_link import connect
from chat.states import State
from chat.token_log import Entry
from chat.transcript import Part
from tests.access.world import make_world
from tests.rows import in_thread
from tests.site import Site


class Listener:
    """A page that notes what it is shown. Its connection takes nothing while `open` is not set."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()
        self.looked = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()

    def show(self, generation_id: uuid.UUID, entries: Sequence[Entry]) -> None:
        self.heard.set()

    def replace(self, generation_id: uuid.UUID, sequence: int, parts: list[Part]) -> None:
        pass

    def look(self, generation_id: uuid.UUID) -> None:
        self.looked.set()

    def wait(self, generation_id: uuid.UUID, place: Place | None) -> None:
        pass

    def unsettled(self, words: str) -> None:
        pass

    async def flush(self) -> None:
        await self.open.wait()


@pytest.fixture
async def follower(servers: Site, lasting: None) -> AsyncIterator[Follower]:
    redis, reading = connect(connections=8), connect(connections=2, timeout=5.0)
    follower = Follower(redis, reading)
    follower.start()
    yield follower
    for loop in follower._tasks:
        loop.cancel()
    await asyncio.wait(follower._tasks)
    await redis.aclose()
    await reading.aclose()


async def test_a_page_that_leaves_takes_nobody_along_who_is_just_coming(follower: Follower) -> None:
    generation, page, other = uuid.uuid4(), Listener(), Listener()
    coming = asyncio.create_task(follower.follow(generation, None, page))
    while not coming.done():
        follower.leave(other)
        await asyncio.sleep(0)
    redis = connect()
    async with redis.pipeline(transaction=False) as pipeline:
        token_log.append(pipeline, token_log.key_of(generation), Entry(epoch=1, sequence=1, kind="a", value="Hello"))
        await pipeline.execute()
    await redis.aclose()
    async with asyncio.timeout(60):
        await page.heard.wait()


async def test_a_page_that_comes_while_others_are_told_of_the_end_is_told_too(follower: Follower) -> None:
    world = await in_thread(make_world, State.DONE)
    generation, slow, late = world.generation.id, Listener(), Listener()
    await follower.follow(generation, 1, slow)
    slow.open.clear()
    async with asyncio.timeout(60):
        await slow.looked.wait()
        await follower.follow(generation, 1, late)
        slow.open.set()
        await late.looked.wait()


async def test_a_log_that_cannot_be_read_takes_no_other_along(follower: Follower) -> None:
    strange, well, page, other = uuid.uuid4(), uuid.uuid4(), Listener(), Listener()
    await follower.follow(strange, None, page)
    await follower.follow(well, None, other)
    redis = connect()
    async with redis.pipeline(transaction=False) as pipeline:
        # A part that is none.
        token_log.append(pipeline, token_log.key_of(strange), Entry(epoch=1, sequence=1, kind="n", value="7"))
        await pipeline.execute()
    async with asyncio.timeout(60):
        await page.looked.wait()
    async with redis.pipeline(transaction=False) as pipeline:
        token_log.append(pipeline, token_log.key_of(well), Entry(epoch=1, sequence=1, kind="a", value="Hello"))
        await pipeline.execute()
    await redis.aclose()
    async with asyncio.timeout(60):
        await other.heard.wait()
    assert not any(loop.done() for loop in follower._tasks)
