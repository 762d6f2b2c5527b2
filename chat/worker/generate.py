"""Make one answer: history in, released text out, one ending."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import aiohttp
from django.db import InterfaceError, OperationalError

from chat.database import in_database
from chat.states import State
from chat.transcript import Part
from chat.worker.answer import Answer
from chat.worker.claim import Claim
from chat.worker.engines import Engines
from chat.worker.judge import Judges
from chat.worker.log_writer import LogWriter
from chat.worker.run import Run
from chat.worker.saver import save_now_and_then
from chat.worker.settle import Ending, settle
from inference.engine import Deadlines
from inference.errors import EngineBusy, EngineRefused, EngineUnreachable, InferenceError, ModelWithdrawn

log = logging.getLogger(__name__)

STOPPED = "You stopped this answer."
SHUT_DOWN = "The worker was shut down. What it had shown is kept."
KEPT = "What it had written is kept."
# The engine did no work for these.
NOT_TAKEN = (EngineUnreachable, EngineRefused, EngineBusy, ModelWithdrawn)
# Another server of the same model may do better.
ELSEWHERE = (EngineUnreachable, EngineBusy)


class Generator:
    """Make answers with the registry's engines and one log."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        engines: Engines,
        writer: LogWriter,
        deadlines: Deadlines,
        judges: Judges,
    ) -> None:
        self._session = session
        self._engines = engines
        self._writer = writer
        self._deadlines = deadlines
        self._judges = judges

    async def make(self, claim: Claim, run: Run) -> None:
        """Stream one answer and settle it. A mistake of ours ends the task; the worker's beat then ends its row."""
        judge = self._judges.of(claim.organization_id, claim.user_id)
        answer = Answer(self._session, self._writer, self._deadlines, claim, run, judge)
        saver = asyncio.create_task(save_now_and_then(run, self._writer))
        try:
            state = await self._ask(claim, answer)
        except InferenceError as error:
            state = _failed(run, answer, error)
        except asyncio.CancelledError:
            state, answer.words = (State.STOPPED, STOPPED) if run.stop_requested else (State.INTERRUPTED, SHUT_DOWN)
        finally:
            saver.cancel()
        run.is_ending = True
        if not run.fenced:
            await self._end(run, state, answer)

    async def _ask(self, claim: Claim, answer: Answer) -> State:
        """Ask one server, and another one when the first took nothing. Raises InferenceError."""
        refused = await answer.admit()
        if refused is not None:
            return refused
        if not claim.may_ask:
            raise ModelWithdrawn
        with self._engines.lease(claim.model_id) as lease:
            try:
                return await answer.ask(lease)
            except ELSEWHERE as error:
                if answer.is_begun:
                    raise
                lease.failed(error)
                first = error
        answer.meter.not_taken()
        try:
            other = self._engines.lease(claim.model_id, avoid={lease.endpoint_id})
        except (EngineUnreachable, ModelWithdrawn):
            raise first from None
        with other:
            return await answer.ask(other)

    async def _end(self, run: Run, state: State, answer: Answer) -> None:
        state = await answer.conclude(state)
        # The last text reaches the log before the end does; a dead log does not hold up the row.
        await self._writer.flush()
        if run.fenced:
            return
        ending = answer.ending(state)
        if await settle_surely(ending):
            await self._writer.end(run, last_words(ending))


async def settle_surely(ending: Ending) -> bool:
    """Settle, waiting for the database as long as it takes."""
    pause = 0.25
    while True:
        try:
            return await in_database(settle, ending)
        except (OperationalError, InterfaceError) as error:
            log.warning("Generation %s waits for the database to be settled: %s", ending.generation_id, error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 2.0)


def last_words(ending: Ending) -> dict[str, Any]:
    """Return what the log says of an end."""
    reasoning, json = _part(ending, "reasoning"), _part(ending, "json")
    facts = {
        "state": ending.state,
        "words": ending.words,
        "model": ending.model,
        "usage": ending.usage,
        "reasoning": {key: reasoning[key] for key in ("seconds", "tokens") if key in reasoning},
        "effort": ending.manifest.get("reasoning", {}).get("effort", ""),
    }
    return facts | ({"json": {key: json[key] for key in ("valid", "problem")}} if "valid" in json else {})


def _part(ending: Ending, kind: str) -> Part:
    return next((part for part in ending.parts if part["type"] == kind), {})


def _failed(run: Run, answer: Answer, error: InferenceError) -> State:
    log.warning("Generation %s failed: %s", run.generation_id, error)
    if isinstance(error, NOT_TAKEN):
        answer.meter.not_taken()
    written = any(run.transcript.text(kind) for kind in ("text", "json", "reasoning"))
    answer.words = f"{error.words} {KEPT}" if written else error.words
    return State.FAILED
