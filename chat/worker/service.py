"""The worker process: claim, generate, beat, listen. One asyncio loop carries hundreds of streams."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

import aiohttp
import orjson
import psycopg
from django.conf import settings
from django.db import DatabaseError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from chat.database import in_database
from chat.redis_link import CONTROL_CHANNEL
from chat.transcript import Transcript
from chat.watch import end_abandoned, watch_forever
from chat.worker.beat import BEAT_SECONDS, Pulse
from chat.worker.claim import Claim, claim
from chat.worker.engines import Engines
from chat.worker.generate import Generator
from chat.worker.guard import make_ready
from chat.worker.judge import Judges
from chat.worker.log_writer import LogWriter
from chat.worker.metrics import Metrics
from chat.worker.run import Run
from chat.worker.sealer import anchor_forever, seal_forever
from inference.engine import Deadlines

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
# The most of one model that are claimed at once: the others of a large queue are for other workers too.
CLAIMS = 16
RETRY_SECONDS = 0.5


class Worker:
    """Hold the runs of this process and the loops that serve them."""

    def __init__(self, session: aiohttp.ClientSession, redis: Redis, listening: Redis) -> None:
        self.id = uuid.uuid4()
        self._session = session
        self._redis = redis
        self._listening = listening
        self._writer = LogWriter(redis)
        self._runs: dict[uuid.UUID, Run] = {}
        self._wake = asyncio.Event()
        self._draining = asyncio.Event()
        self._engines = Engines(session, self._wake.set)
        self._judges = Judges(session, self._engines)
        # Which model each run is of, from its claim on.
        self._held: Counter[uuid.UUID | None] = Counter()
        self._strangers: set[uuid.UUID] = set()
        self._endings: dict[uuid.UUID, asyncio.Task[None]] = {}
        self._compiling: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Work until drained; then end what is running as interrupted and return."""
        claiming = asyncio.create_task(self._claim_until_drained())
        loops = [
            self._beat_forever(),
            self._listen_forever(),
            self._engines.run_forever(),
            self._writer.run_forever(),
            watch_forever(self._redis),
            Metrics(self.id, self._session, self._redis, self._engines).look_forever(),
            seal_forever(),
            anchor_forever(),
        ]
        tasks = [claiming, *(asyncio.create_task(one) for one in loops)]
        drained = asyncio.create_task(self._draining.wait())
        try:
            # A loop that ends has failed: the process must end too, and its supervisor starts a new one.
            done, _ = await asyncio.wait([*tasks, drained], return_when=asyncio.FIRST_COMPLETED)
            self.drain()
            # A claim under way is in its rows already: it is begun, and then ended as the others are.
            await asyncio.wait([claiming])
            await self._interrupt_runs()
            for one in done:
                one.result()
        finally:
            for one in [*tasks, drained]:
                one.cancel()
            await asyncio.gather(*tasks, drained, return_exceptions=True)
            await self._judges.close()

    def drain(self) -> None:
        """Take no more work and end."""
        self._draining.set()
        self._wake.set()

    async def _interrupt_runs(self) -> None:
        runs = list(self._runs.values())
        for run in runs:
            run.interrupt()
        tasks = [*(run.task for run in runs if run.task is not None), *self._endings.values()]
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _claim_until_drained(self) -> None:
        while not self._draining.is_set():
            await self._woken()
            while await self._claim_some():
                pass

    async def _woken(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._wake.wait()
        self._wake.clear()

    async def _claim_some(self) -> bool:
        free = {model_id: min(count, CLAIMS) for model_id, count in self._engines.free(self._held).items()}
        if not free or self._draining.is_set():
            return False
        try:
            claims = await in_database(claim, self.id, free, self._engines.default_id)
        except DatabaseError as error:
            log.warning("Cannot claim work now: %s", error)
            return False
        for one in claims:
            self._begin(one)
        return bool(claims)

    def _begin(self, held: Claim) -> None:
        run = Run(
            generation_id=held.generation_id,
            epoch=held.epoch,
            sequence=held.sequence,
            transcript=Transcript(held.parts),
            needs_snapshot=held.sequence > 0,
        )
        self._runs[run.generation_id] = run
        self._writer.add(run)
        self._held[held.model_id] += 1
        generator = Generator(self._session, self._engines, self._writer, _deadlines(), self._judges)
        run.task = asyncio.create_task(generator.make(held, run))
        run.task.add_done_callback(lambda task: self._ended(held, run, task))

    def _ended(self, held: Claim, run: Run, task: asyncio.Task[None]) -> None:
        self._held[held.model_id] -= 1
        # The answer may go on already, in a run of its own.
        if self._runs.get(run.generation_id) is run:
            del self._runs[run.generation_id]
        self._writer.remove(run)
        self._wake.set()
        if not task.cancelled() and task.exception() is not None:
            log.error("Generation %s ended with an error of ours", run.generation_id, exc_info=task.exception())

    async def _beat_forever(self) -> None:
        pulse = Pulse(self.id)
        try:
            while True:
                try:
                    self._heed_rows(await pulse.beat(orjson.dumps(self._engines.state()).decode()))
                except psycopg.Error as error:
                    log.warning("The database is out of reach: %s", error)
                await asyncio.sleep(BEAT_SECONDS)
        finally:
            await pulse.close()

    def _heed_rows(self, rows: Mapping[uuid.UUID, bool]) -> None:
        """Do what the rows say, in case the doorbell said nothing."""
        for generation_id, stop in rows.items():
            if stop:
                self._stop(generation_id)
        strangers = {one for one in rows if one not in self._runs}
        # A claim is in its row a moment before it is here; what is missing for two beats was given up.
        abandoned, self._strangers = self._strangers & strangers, strangers
        for generation_id in abandoned - self._endings.keys():
            # The beat does not wait for it.
            self._endings[generation_id] = asyncio.create_task(self._end_abandoned(generation_id))

    async def _end_abandoned(self, generation_id: uuid.UUID) -> None:
        try:
            await end_abandoned(self._redis, self.id, generation_id)
        except DatabaseError as error:
            log.warning("Generation %s cannot be ended now, the next beat tries again: %s", generation_id, error)
        finally:
            del self._endings[generation_id]

    async def _listen_forever(self) -> None:
        while True:
            try:
                await self._listen()
            except (RedisError, OSError) as error:
                log.warning("The doorbell is out of reach, polling instead: %s", error)
                await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self) -> None:
        async with self._listening.pubsub(ignore_subscribe_messages=True) as words:
            await words.subscribe(CONTROL_CHANNEL)
            self._wake.set()
            async for message in words.listen():
                try:
                    self._heed(bytes(message["data"]).decode())
                except ValueError:
                    log.exception("The doorbell said what nobody understands.")

    def _heed(self, words: str) -> None:
        verb, _, about = words.partition(" ")
        if verb == "queued":
            self._wake.set()
        elif verb == "stop":
            self._stop(uuid.UUID(about))
        elif verb == "policy":
            self._compile(uuid.UUID(about))
        elif verb == "snapshot" and (run := self._runs.get(uuid.UUID(about))):
            run.needs_snapshot = True
            self._writer.touched(run)

    def _compile(self, version_id: uuid.UUID) -> None:
        task = asyncio.create_task(make_ready(version_id))
        self._compiling.add(task)
        task.add_done_callback(self._compiling.discard)

    def _stop(self, generation_id: uuid.UUID) -> None:
        run = self._runs.get(generation_id)
        if run is not None and not run.stop_requested:
            run.stop_requested = True
            run.interrupt()


def _deadlines() -> Deadlines:
    return Deadlines(
        first_token=settings.ENGINE_FIRST_TOKEN_SECONDS, between_tokens=settings.ENGINE_BETWEEN_TOKENS_SECONDS
    )
