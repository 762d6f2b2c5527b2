"""Write the released text of every run into the token log, many runs in one round trip.

Text waits at most one window: 25 ms, longer when many runs share the worker. The first text of a run does
not wait. While Redis is out of reach nothing is queued: the transcripts hold everything, and each
run's next entry is then a snapshot of the whole answer.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable

from redis.asyncio import Redis
from redis.exceptions import RedisError

from chat import token_log
from chat.worker.run import Run

log = logging.getLogger(__name__)

# (runs at least, seconds): the window widens under load, so that the cost per token falls.
WINDOWS = ((200, 0.1), (24, 0.035), (0, 0.025))
RETRY_SECONDS = 0.25
# Redis's own words for an append that comes behind somebody else's.
TAKEN_OVER = "equal or smaller than the target stream top item"


class LogWriter:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._runs: dict[Run, None] = {}
        self._dirty = asyncio.Event()
        self._urgent = asyncio.Event()
        self._flushed_at = 0.0
        self._flushing = asyncio.Lock()
        self._writing: set[asyncio.Task[bool]] = set()
        self.reachable = True

    def add(self, run: Run) -> None:
        """Begin to write a run's text."""
        self._runs[run] = None

    def remove(self, run: Run) -> None:
        """Forget a run."""
        self._runs.pop(run, None)

    def touched(self, run: Run) -> None:
        """Say that a run has something to write."""
        self._dirty.set()
        if run.urgent:
            self._urgent.set()

    async def run_forever(self) -> None:
        """Flush whenever there is something to flush, one window after the last time."""
        while True:
            await self._dirty.wait()
            await self._window()
            self._dirty.clear()
            self._urgent.clear()
            if not await self.flush():
                await asyncio.sleep(RETRY_SECONDS)
                self._dirty.set()

    async def flush(self) -> bool:
        """Write everything that is pending now; return whether Redis took it.

        Who stops waiting does not stop the writing: other runs' text is in it.
        """
        writing = asyncio.create_task(self._flush_in_turn())
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)
        return await asyncio.shield(writing)

    async def _flush_in_turn(self) -> bool:
        async with self._flushing:
            return await self._flush([run for run in self._runs if run.dirty and not run.fenced])

    async def end(self, run: Run, facts: dict[str, object]) -> None:
        """Write the run's last entry, if Redis can be reached."""
        async with self._flushing:
            try:
                await token_log.end(self._redis, run.generation_id, run.last_entry(facts))
            except (RedisError, OSError) as error:
                # Followers see the row's state by themselves.
                log.warning("The end of %s is in its row but not in the log: %s", run.generation_id, error)

    async def _window(self) -> None:
        seconds = next(seconds for runs, seconds in WINDOWS if len(self._runs) >= runs)
        remaining = self._flushed_at + seconds - time.monotonic()
        if remaining <= 0:
            return
        try:
            async with asyncio.timeout(remaining):
                await self._urgent.wait()
        except TimeoutError:
            pass

    async def _flush(self, runs: list[Run]) -> bool:
        if not runs:
            return True
        pipeline = self._redis.pipeline(transaction=False)
        owners: list[Run] = []
        for run in runs:
            trims, entries = run.trims and run.needs_snapshot, run.take()
            for entry in entries:
                token_log.append(pipeline, run.key, entry)
                owners.append(run)
            if trims:
                run.trims = False
                token_log.trim(pipeline, run.key, entries[0])
                owners.append(run)
            if run.expiry_due:
                run.expiry_due = False
                pipeline.expire(run.key, token_log.LIVE_SECONDS)
                owners.append(run)
        self._flushed_at = time.monotonic()
        try:
            answers = await pipeline.execute(raise_on_error=False)
        except (RedisError, OSError) as error:
            self._lost(runs, error)
            return False
        _fence(owners, answers)
        if refusal := _refusal(answers):
            self._lost(runs, refusal)
            return False
        self._found()
        return True

    def _lost(self, runs: list[Run], error: Exception) -> None:
        if self.reachable:
            log.warning("The token log is out of reach, answers go on without it: %s", error)
        self.reachable = False
        _write_anew({*self._runs, *runs})

    def _found(self) -> None:
        if not self.reachable:
            log.info("The token log is back.")
        self.reachable = True


def _fence(runs: list[Run], answers: list[object]) -> None:
    """Mark the runs whose append was refused: somebody took them over."""
    for run, answer in zip(runs, answers, strict=True):
        if _is_fence(answer) and not run.fenced:
            log.warning("Generation %s was taken over: %s", run.generation_id, answer)
            run.fenced = True
            run.interrupt()


def _is_fence(answer: object) -> bool:
    return isinstance(answer, RedisError) and TAKEN_OVER in str(answer)


def _refusal(answers: list[object]) -> RedisError | None:
    """Return why Redis took something not: full, read-only, not allowed."""
    return next((one for one in answers if isinstance(one, RedisError) and not _is_fence(one)), None)


def _write_anew(runs: Iterable[Run]) -> None:
    for run in runs:
        run.needs_snapshot = run.expiry_due = run.trims = True
