"""Workers look at engines' own metrics: real Valkey, real servers."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
import redis
from aiohttp import web
from django.conf import settings

from bench.script import Script
from bench.scripted_engine import ScriptedEngine
from chat.redis_link import connect
from chat.worker.metrics import Metrics
from inference.engine import Engine, Kind
from inference.models import Endpoint
from inference.replica import Address, EndpointFacts, Replica
from inference.sample_log import KEPT, key_of, read
from inference.samples import Presence, Sample
from inference.stream import open_session
from tests.environment import free_port
from tests.site import Site, wait_until


@dataclass
class Place:
    """A registry of one endpoint."""

    replica: Replica
    waiting: list[int] = field(default_factory=list)

    def replicas(self) -> list[Replica]:
        return [self.replica]

    def note_waiting(self, endpoint_id: uuid.UUID, waiting: int) -> None:
        assert endpoint_id == self.replica.facts.id
        self.waiting.append(waiting)


@pytest.fixture
async def session(servers: Site) -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session() as session:
        yield session


@asynccontextmanager
async def serving(*handlers: web.RouteDef, port: int = 0) -> AsyncIterator[str]:
    """Serve these routes; return their address."""
    application = web.Application()
    application.add_routes(handlers)
    async with running(application, port) as address:
        yield address


@asynccontextmanager
async def running(application: web.Application, port: int = 0) -> AsyncIterator[str]:
    runner = web.AppRunner(application)
    await runner.setup()
    port = port or free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


def saying(text: str, status: int = 200) -> web.RouteDef:
    """Return a page of metrics that says this."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=text, status=status, headers={"Location": "/elsewhere"} if status == 302 else None)

    return web.get("/metrics", answer)


def place_at(address: str, kind: Kind = Kind.VLLM) -> Place:
    base_url = f"{address}/v1"
    facts = EndpointFacts(
        id=uuid.uuid4(), model_id=uuid.uuid4(), model_name="scripted", address=Address(base_url=base_url)
    )
    replica = Replica(facts)
    replica.answered(Engine(base_url=base_url, model="scripted", kind=kind))
    return Place(replica)


@asynccontextmanager
async def looker(session: aiohttp.ClientSession, place: Place) -> AsyncIterator[Metrics]:
    client: Any = connect()
    try:
        yield Metrics(uuid.uuid4(), session, client, place)
    finally:
        await client.aclose()


async def kept(place: Place) -> list[Sample]:
    def look() -> list[Sample]:
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            return read(client, [place.replica.facts.id], 0)[place.replica.facts.id]

    return await asyncio.to_thread(look)


async def test_what_an_engine_says_is_kept(session: aiohttp.ClientSession) -> None:
    async with running(ScriptedEngine(Script()).application()) as address:
        place = place_at(address)
        place.replica.running = 3
        async with looker(session, place) as metrics:
            await metrics.look(place.replica)
            pressure = {"num_requests_waiting": 5, "kv_cache_usage_perc": 0.5, "num_preemptions_total": 2}
            await session.post(f"{address}/_pressure", json=pressure)
            await metrics.look(place.replica)
    first, second = await kept(place)
    assert (first.presence, first.waiting, first.streams) == (Presence.UP, 0, 3)
    assert (second.waiting, second.cache, second.preemptions, second.since) == (5, 0.5, 2, first.since)
    assert place.waiting == [0, 5]


async def test_one_worker_looks_and_the_others_hear_of_it(session: aiohttp.ClientSession) -> None:
    asked = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(text="vllm:num_requests_running 2\nvllm:num_requests_waiting 4\n")

    async with serving(web.get("/metrics", answer)) as address:
        place = place_at(address)
        other = Place(place.replica)
        place.replica.running = 2
        async with looker(session, place) as one, looker(session, other) as two:
            await one.look(place.replica)
            await two.look(place.replica)
            await one.look(place.replica)
    assert asked == ["/metrics", "/metrics"]
    assert other.waiting == [4]
    assert [sample.streams for sample in await kept(place)] == [2, 4]


async def test_an_engine_that_goes_is_down_since_then(session: aiohttp.ClientSession) -> None:
    port = free_port()
    async with serving(saying("vllm:num_requests_running 1\n"), port=port) as address:
        place = place_at(address)
        async with looker(session, place) as metrics:
            await metrics.look(place.replica)
    # Another worker goes on, and knows since when.
    async with looker(session, place) as metrics:
        await _forget_looker(place)
        await metrics.look(place.replica)
        await metrics.look(place.replica)
    up, down, still = await kept(place)
    assert (up.presence, down.presence, still.presence) == (Presence.UP, Presence.DOWN, Presence.DOWN)
    assert (down.since, still.since) == (down.at, down.at)


@pytest.mark.parametrize(
    ("status", "text", "presence"),
    [
        (404, "", Presence.SILENT),
        (501, "This server does not support metrics endpoint.", Presence.SILENT),
        (200, "<html>hello</html>", Presence.SILENT),
        (200, "process_cpu_seconds_total 4\n", Presence.SILENT),
        (302, "", Presence.SILENT),
        (503, "", Presence.DOWN),
    ],
)
async def test_whatever_a_server_answers_is_a_look(
    session: aiohttp.ClientSession, status: int, text: str, presence: Presence
) -> None:
    async with serving(saying(text, status)) as address:
        place = place_at(address)
        async with looker(session, place) as metrics:
            await metrics.look(place.replica)
    assert [one.presence for one in await kept(place)] == [presence]


async def test_other_servers_are_not_asked(session: aiohttp.ClientSession) -> None:
    place = place_at("http://nowhere.invalid", Kind.OPEN_ROUTER)
    place.replica.running = 1
    async with looker(session, place) as metrics:
        await metrics.look(place.replica)
        place.replica.silent("It is away.")
        await metrics.look(place.replica)
    up, down = await kept(place)
    assert (up.presence, up.streams, up.running) == (Presence.SILENT, 1, None)
    assert down.presence == Presence.DOWN


async def test_only_a_quarter_of_an_hour_is_kept(session: aiohttp.ClientSession) -> None:
    place = place_at("http://nowhere.invalid", Kind.OPENAI)
    key = key_of(place.replica.facts.id)
    async with looker(session, place) as metrics:
        client: Any = connect()
        for _ in range(KEPT * 2):
            await client.execute_command("XADD", key, "*", "s", "{}")
        await metrics.look(place.replica)
        # Whole nodes of the stream are dropped, so some more may stay.
        assert await client.xlen(key) < KEPT + 200
        assert 0 < await client.ttl(key) <= 1200
        await client.aclose()
    assert len(await kept(place)) == 1


def test_the_packaged_engine_is_looked_at(site: Site) -> None:
    endpoint = Endpoint.objects.get(from_environment=True)

    def tells() -> bool:
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            samples = read(client, [endpoint.id], 0)[endpoint.id]
        return bool(samples) and samples[-1].presence == Presence.UP and samples[-1].answer_rate is not None

    wait_until(tells, "llama.cpp's own metrics")


async def _forget_looker(place: Place) -> None:
    client: Any = connect()
    await client.delete(f"hermes:engine:{place.replica.facts.id}:looker")
    await client.aclose()
