"""Look at the engines' own metrics every two seconds, and keep what they say for the operator's panel.

One worker at a time looks at an endpoint; the others read what it has kept.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import aiohttp
import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from inference.metrics import OFFERED_BY, look_at
from inference.replica import Replica
from inference.sample_log import EXPIRY_SECONDS, FIELD, KEPT, STEP_SECONDS, key_of, samples_in
from inference.samples import Look, Presence, Sample, sample_of, worth_keeping

log = logging.getLogger(__name__)

# A worker that dies is succeeded after this long.
LOCK_SECONDS = 6
# A worker's own count is believed for this long.
COUNT_SECONDS = 10.0
# The token log has the other connections.
CONNECTIONS = 2


class Registry(Protocol):
    """Who looks after the endpoints."""

    def replicas(self) -> list[Replica]:
        """Return every endpoint that is looked after."""

    def note_waiting(self, endpoint_id: uuid.UUID, waiting: int) -> None:
        """Take how many requests wait inside an endpoint, by its own metrics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What Valkey has of an endpoint: the newest sample, all workers' streams, whether it is for us to look.

    `gone` are workers that tell nothing any more.
    """

    newest: Sample | None
    streams: int
    gone: list[bytes]
    is_ours: bool


class Metrics:
    """This worker's looks, by endpoint."""

    def __init__(
        self, worker_id: uuid.UUID, session: aiohttp.ClientSession, redis: Redis, registry: Registry
    ) -> None:
        self._worker_id = str(worker_id).encode()
        self._session = session
        self._redis = redis
        self._registry = registry
        self._connections = asyncio.Semaphore(CONNECTIONS)
        self._looks: dict[uuid.UUID, list[Look]] = {}
        self._under_way: dict[uuid.UUID, asyncio.Task[None]] = {}
        self._is_kept = True

    async def look_forever(self) -> None:
        """Look at every endpoint, each at its own pace: a slow one holds up no other."""
        try:
            while True:
                self._begin(self._registry.replicas())
                await asyncio.sleep(STEP_SECONDS)
        finally:
            for task in self._under_way.values():
                task.cancel()

    def _begin(self, replicas: Iterable[Replica]) -> None:
        for one in replicas:
            if one.facts.id not in self._under_way:
                self._under_way[one.facts.id] = asyncio.create_task(self._look_quietly(one))

    async def _look_quietly(self, replica: Replica) -> None:
        try:
            await self.look(replica)
        except (RedisError, OSError) as error:
            if self._is_kept:
                log.warning("The engines' figures cannot be kept now: %s", error)
            self._is_kept = False
            self._registry.note_waiting(replica.facts.id, 0)
        else:
            self._is_kept = True
        finally:
            del self._under_way[replica.facts.id]

    async def look(self, replica: Replica) -> None:
        """Look at one endpoint, or at what another worker saw there. Raises RedisError, OSError."""
        endpoint_id = replica.facts.id
        known = await self._known(endpoint_id, replica.running)
        newest = known.newest
        if known.is_ours:
            newest = await self._sample(replica, known)
            await self._keep(endpoint_id, newest, known.gone)
        else:
            self._looks.pop(endpoint_id, None)
        self._registry.note_waiting(endpoint_id, int(newest.waiting or 0) if newest else 0)

    async def _sample(self, replica: Replica, known: Known) -> Sample:
        now = time.time()
        looks = worth_keeping(self._looks.get(replica.facts.id, []), now)
        looks.append(await self._found(replica, now))
        self._looks[replica.facts.id] = looks
        return sample_of(looks, streams=known.streams, last=known.newest)

    async def _found(self, replica: Replica, now: float) -> Look:
        if replica.engine is None:
            return Look(at=now, presence=Presence.DOWN)
        if replica.engine.kind not in OFFERED_BY:
            return Look(at=now, presence=Presence.SILENT if replica.is_reachable else Presence.DOWN)
        return await look_at(self._session, replica.engine, now)

    async def _known(self, endpoint_id: uuid.UUID, streams: int) -> Known:
        """Tell the others how many streams run here, and read what they tell."""
        counts = _name(endpoint_id, "streams")
        async with self._connections:
            pipeline = self._redis.pipeline(transaction=False)
            pipeline.hset(counts, self._worker_id, orjson.dumps([streams, time.time()]))
            pipeline.expire(counts, EXPIRY_SECONDS)
            pipeline.set(_name(endpoint_id, "looker"), self._worker_id, nx=True, ex=LOCK_SECONDS)
            pipeline.get(_name(endpoint_id, "looker"))
            pipeline.hgetall(counts)
            pipeline.xrevrange(key_of(endpoint_id), count=1)
            *_, looker, told, entries = await pipeline.execute()
        newest = next(iter(samples_in(entries)), None)
        streams, gone = _counted(told)
        return Known(newest=newest, streams=streams, gone=gone, is_ours=looker == self._worker_id)

    async def _keep(self, endpoint_id: uuid.UUID, sample: Sample, gone: list[bytes]) -> None:
        async with self._connections:
            pipeline = self._redis.pipeline(transaction=False)
            pipeline.xadd(key_of(endpoint_id), {FIELD: sample.packed()}, maxlen=KEPT, approximate=True)
            pipeline.expire(key_of(endpoint_id), EXPIRY_SECONDS)
            pipeline.expire(_name(endpoint_id, "looker"), LOCK_SECONDS)
            if gone:
                pipeline.hdel(_name(endpoint_id, "streams"), *gone)
            await pipeline.execute()


def _counted(told: Mapping[bytes, bytes]) -> tuple[int, list[bytes]]:
    """Return how many streams the workers have that still tell, and which tell no more."""
    counts = {worker: orjson.loads(one) for worker, one in told.items()}
    gone = [worker for worker, (_, at) in counts.items() if at < time.time() - COUNT_SECONDS]
    return sum(count for worker, (count, _) in counts.items() if worker not in gone), gone


def _name(endpoint_id: uuid.UUID, what: str) -> str:
    return f"hermes:engine:{endpoint_id}:{what}"
