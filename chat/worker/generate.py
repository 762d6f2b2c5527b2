"""Make one answer: history in, released text out, one ending."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import asdict, dataclass
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
from chat.worker.log_writer import LogWriter
from chat.worker.run import Run
from chat.worker.settle import Ending, checkpoint, settle
from inference import tokens
from inference.engine import Deadlines, Engine
from inference.errors import InferenceError
from inference.request import ChatRequest, ChatTurn
from inference.stream import Finished, Text, stream_chat
from moderation.gate import Gate, OpenGate

log = logging.getLogger(__name__)

CHECKPOINT_SECONDS = 5.0
CHANNELS = {"answer": "a", "reasoning": "r"}
STOPPED = "You stopped this answer."
CUT = "The answer reached the longest length there is room for; ask to go on for the rest."
NOTHING = "The model ended without writing anything. Ask in other words, or try again."
CANNOT_CONTINUE = "This engine cannot go on from a cut answer. Use “Try again” for a new one."


@dataclass(slots=True, kw_only=True)
class Progress:
    """What the ending needs to know of the way there. Times in seconds of the monotonic clock."""

    first_token_at: datetime | None = None
    thinking_since: float | None = None
    thought_seconds: float = 0.0
    usage: dict[str, Any] | None = None
    words: str = ""


class Generator:
    """Make answers with one engine and one log."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        engine: Engine,
        writer: LogWriter,
        deadlines: Deadlines,
        doubt: Callable[[], None],
    ) -> None:
        self._session = session
        self._engine = engine
        self._writer = writer
        self._deadlines = deadlines
        self._doubt = doubt

    async def make(self, claim: Claim, run: Run) -> None:
        """Stream one answer and settle it. A mistake of ours ends the task; the worker's beat then ends its row."""
        progress = Progress()
        saver = asyncio.create_task(self._save_now_and_then(run))
        try:
            state = await self._stream(claim, run, progress)
        except InferenceError as error:
            state, progress.words = State.FAILED, error.words
            self._doubt()
        except asyncio.CancelledError:
            state, progress.words = _why_cancelled(run)
        finally:
            saver.cancel()
        if not run.fenced:
            await self._end(run, state, progress)

    async def _stream(self, claim: Claim, run: Run, progress: Progress) -> State:
        request = await self._request(claim, run)
        if request is None:
            progress.words = CANNOT_CONTINUE
            return State.INTERRUPTED
        gate: Gate = OpenGate()
        async with aclosing(stream_chat(self._session, self._engine, request, self._deadlines)) as events:
            async for event in events:
                if isinstance(event, Text):
                    self._release(run, progress, CHANNELS[event.channel], gate.feed(event.channel, event.text))
                elif isinstance(event, Finished):
                    self._finish(run, progress, gate, event)
        if not run.begun:
            progress.words = NOTHING
        return State.DONE

    async def _request(self, claim: Claim, run: Run) -> ChatRequest | None:
        prefill = prompts.spoken(claim.parts)
        if prefill and not self._engine.supports_prefill:
            return None
        if run.sequence and not prefill:
            run.restart_from([])
        answer_room = max(256, self._engine.context_length // 4)
        fitted = await tokens.fit_to_engine(
            self._session,
            self._engine,
            [ChatTurn(role=turn.role, content=turn.content) for turn in claim.history],
            budget=self._engine.context_length - answer_room - len(prefill.encode()),
        )
        if fitted.dropped:
            run.notice("history-trimmed", prompts.TRIMMED.format(count=fitted.dropped))
            self._writer.touched(run)
        room = self._engine.context_length - fitted.tokens - 16
        most = min(max(room, answer_room // 2), self._engine.longest_answer)
        return ChatRequest(messages=tuple(fitted.turns), max_tokens=most, prefill=prefill or None)

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
        while True:
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
        usage = progress.usage or _estimate(run)
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
            model=self._engine.model,
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
    if run.task is not None:
        run.task.cancel()


def _last_words(ending: Ending) -> dict[str, object]:
    reasoning: Part = next((part for part in ending.parts if part["type"] == "reasoning"), {})
    return {
        "state": ending.state,
        "words": ending.words,
        "model": ending.model,
        "usage": ending.usage,
        "reasoning": {key: reasoning[key] for key in ("seconds", "tokens") if key in reasoning},
    }


def _estimate(run: Run) -> dict[str, Any]:
    return {
        "prompt": 0,
        "cached": 0,
        "answer": tokens.estimate(run.transcript.text("text")),
        "reasoning": tokens.estimate(run.transcript.text("reasoning")),
        "estimated": True,
    }
