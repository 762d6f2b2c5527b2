"""Make one answer: history in, released text out, one ending."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import aiohttp
from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils import timezone

from chat import prompts
from chat.database import in_database
from chat.states import State
from chat.transcript import Part
from chat.worker.claim import Claim
from chat.worker.engines import Engines, Lease
from chat.worker.log_writer import LogWriter
from chat.worker.run import Run
from chat.worker.settle import Ending, checkpoint, settle
from inference import tokens
from inference.engine import Deadlines, Engine
from inference.errors import EngineBusy, EngineRefused, EngineUnreachable, InferenceError, ModelWithdrawn
from inference.request import ChatRequest, ChatTurn
from inference.stream import Finished, Text, stream_chat
from moderation.gate import Gate, OpenGate

log = logging.getLogger(__name__)

CHECKPOINT_SECONDS = 5.0
CHANNELS = {"answer": "a", "reasoning": "r"}
STOPPED = "You stopped this answer."
KEPT = "What it had written is kept."
CUT = "The answer reached the longest length there is room for; ask to go on for the rest."
NOTHING = "The model ended without writing anything. Ask in other words, or try again."
# The engine did no work for these.
NOT_TAKEN = (EngineUnreachable, EngineRefused, EngineBusy, ModelWithdrawn)
CANNOT_CONTINUE = "This engine cannot go on from a cut answer. Use “Try again” for a new one."


@dataclass(slots=True, kw_only=True)
class Progress:
    """What the ending needs to know of the way there. Times in seconds of the monotonic clock."""

    first_token_at: datetime | None = None
    thinking_since: float | None = None
    thought_seconds: float = 0.0
    usage: dict[str, Any] | None = None
    prompt: tuple[str, ...] = ()
    # Characters that an earlier run of this answer wrote.
    earlier: dict[str, int] = field(default_factory=dict)
    words: str = ""
    model: str = ""


class Generator:
    """Make answers with the registry's engines and one log."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        engines: Engines,
        writer: LogWriter,
        deadlines: Deadlines,
    ) -> None:
        self._session = session
        self._engines = engines
        self._writer = writer
        self._deadlines = deadlines

    async def make(self, claim: Claim, run: Run) -> None:
        """Stream one answer and settle it. A mistake of ours ends the task; the worker's beat then ends its row."""
        progress = Progress()
        saver = asyncio.create_task(self._save_now_and_then(run))
        try:
            state = await self._stream(claim, run, progress)
        except InferenceError as error:
            state, progress.words = self._failed(run, progress, error)
        except asyncio.CancelledError:
            state, progress.words = _why_cancelled(run)
        finally:
            saver.cancel()
        run.is_ending = True
        if not run.fenced:
            await self._end(run, state, progress)

    def _failed(self, run: Run, progress: Progress, error: InferenceError) -> tuple[State, str]:
        log.warning("Generation %s failed: %s", run.generation_id, error)
        if isinstance(error, NOT_TAKEN):
            progress.prompt = ()
        written = run.transcript.text() or run.transcript.text("reasoning")
        return State.FAILED, f"{error.words} {KEPT}" if written else error.words

    async def _stream(self, claim: Claim, run: Run, progress: Progress) -> State:
        if run.sequence and not run.transcript.text():
            run.restart_from([])
        progress.earlier = {kind: len(run.transcript.text(kind)) for kind in ("text", "reasoning")}
        if not claim.may_ask:
            raise ModelWithdrawn
        with self._engines.lease(claim.model_id) as lease:
            progress.model = lease.model_name
            return await self._answer(claim, run, progress, lease)

    async def _answer(self, claim: Claim, run: Run, progress: Progress, lease: Lease) -> State:
        request = await self._request(claim, run, lease.engine)
        if request is None:
            progress.words = CANNOT_CONTINUE
            return State.INTERRUPTED
        progress.prompt = tuple(turn.content for turn in request.messages)
        gate: Gate = OpenGate()
        async with aclosing(stream_chat(self._session, lease.engine, request, self._deadlines)) as events:
            async for event in events:
                lease.answered()
                if isinstance(event, Text):
                    self._release(run, progress, CHANNELS[event.channel], gate.feed(event.channel, event.text))
                elif isinstance(event, Finished):
                    self._finish(run, progress, gate, event)
        if not run.begun and not request.goes_on:
            progress.words = NOTHING
        return State.DONE

    async def _request(self, claim: Claim, run: Run, engine: Engine) -> ChatRequest | None:
        turns = [ChatTurn(role=turn.role, content=turn.content) for turn in claim.history]
        shown = run.transcript.text()
        if shown:
            turns.append(ChatTurn(role="assistant", content=shown))
        if shown and not engine.supports_prefill:
            return None
        answer_room = max(256, engine.context_length // 4)
        fitted = await tokens.fit_to_engine(self._session, engine, turns, budget=engine.context_length - answer_room)
        if fitted.dropped and not run.has_notice(prompts.TRIMMED_CODE):
            run.notice(prompts.TRIMMED_CODE, prompts.TRIMMED.format(count=fitted.dropped))
            self._writer.touched(run)
        room = engine.context_length - fitted.tokens - 16
        return ChatRequest(messages=fitted.turns, max_tokens=min(room, engine.longest_answer))

    def _release(self, run: Run, progress: Progress, channel: str, text: str) -> None:
        if not text:
            return
        self._time(progress, channel)
        run.release(channel, text)
        self._writer.touched(run)

    def _time(self, progress: Progress, channel: str) -> None:
        if progress.first_token_at is None:
            progress.first_token_at = timezone.now()
            progress.thinking_since = time.monotonic() if channel == "r" else None
        elif channel == "a" and progress.thinking_since is not None:
            progress.thought_seconds = time.monotonic() - progress.thinking_since
            progress.thinking_since = None

    def _finish(self, run: Run, progress: Progress, gate: Gate, event: Finished) -> None:
        for channel, letter in (("reasoning", "r"), ("answer", "a")):
            self._release(run, progress, letter, gate.close(channel))
        progress.usage = asdict(event.usage)
        if event.reason == "length":
            run.notice("length", CUT)
            self._writer.touched(run)

    async def _save_now_and_then(self, run: Run) -> None:
        # Answers that began together are not saved together.
        pause = random.uniform(CHECKPOINT_SECONDS / 4, CHECKPOINT_SECONDS)
        # Redis's client turns a cancel into an error of its own while it connects.
        while not run.is_ending:
            await asyncio.sleep(pause)
            pause = CHECKPOINT_SECONDS
            # A page goes on from the row's sequence: its text must end there too.
            while run.pending and not run.fenced:
                await self._writer.flush()
            sequence, parts = run.sequence, run.transcript.parts()
            if sequence == run.saved_sequence:
                continue
            try:
                if not await in_database(checkpoint, run.generation_id, run.epoch, sequence, parts):
                    _lose(run)
                run.saved_sequence = sequence
            except DatabaseError as error:
                log.warning("Generation %s was not saved in between: %s", run.generation_id, error)

    async def _end(self, run: Run, state: State, progress: Progress) -> None:
        # The last text reaches the log before the end does; a dead log does not hold up the row.
        await self._writer.flush()
        if run.fenced:
            return
        if progress.thinking_since is not None:
            progress.thought_seconds = time.monotonic() - progress.thinking_since
        usage = progress.usage or _estimated(run, progress)
        if progress.thought_seconds:
            run.transcript.annotate(
                "reasoning", seconds=round(progress.thought_seconds, 1), tokens=usage["reasoning"]
            )
        ending = Ending(
            generation_id=run.generation_id,
            epoch=run.epoch,
            state=state,
            sequence=run.sequence + 1,
            parts=run.transcript.parts(),
            words=progress.words,
            model=progress.model,
            usage=usage,
            first_token_at=progress.first_token_at,
        )
        if await settle_surely(ending):
            await self._writer.end(run, _last_words(ending))


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


def _why_cancelled(run: Run) -> tuple[State, str]:
    if run.stop_requested:
        return State.STOPPED, STOPPED
    return State.INTERRUPTED, "The worker was shut down. What it had shown is kept."


def _lose(run: Run) -> None:
    log.warning("Generation %s is no longer ours.", run.generation_id)
    run.fenced = True
    run.interrupt()


def _last_words(ending: Ending) -> dict[str, object]:
    reasoning: Part = next((part for part in ending.parts if part["type"] == "reasoning"), {})
    return {
        "state": ending.state,
        "words": ending.words,
        "model": ending.model,
        "usage": ending.usage,
        "reasoning": {key: reasoning[key] for key in ("seconds", "tokens") if key in reasoning},
    }


def _estimated(run: Run, progress: Progress) -> dict[str, Any]:
    return asdict(
        tokens.estimated_usage(
            prompt=progress.prompt,
            answer=run.transcript.text("text")[progress.earlier.get("text", 0) :],
            reasoning=run.transcript.text("reasoning")[progress.earlier.get("reasoning", 0) :],
        )
    )
