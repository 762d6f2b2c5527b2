"""Notice workers that died, and end what they held with an explicit "interrupted"."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from chat import token_log
from chat.coverage import covered, recovered
from chat.database import in_database
from chat.models import Generation, Message, WorkerBeat
from chat.prompts import history_of
from chat.states import State
from chat.token_log import Entry
from chat.transcript import Transcript
from chat.unjudged import judged, seen_first
from chat.worker.settle import Ending, settle
from inference.tokens import estimated_usage
from moderation.channel import Channel
from moderation.errors import NoSuchPolicy, PolicyInvalid
from moderation.library import compiled

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
SILENT_SECONDS = 2.5
# A look that had to wait this long for the database says that nobody could renew anything.
SLOW_SECONDS = 1.0
DIED = "The worker that wrote this answer died. What it had shown is kept."
GIVEN_UP = "Something went wrong here while answering. What was shown is kept."


class Silence:
    """Judge silence by our own clock: a beat that has not changed for a while, as we saw it ourselves.

    Comparing stored times with `now` would call every worker dead in the moment after the
    database comes back from an outage, when nobody could renew anything.
    """

    def __init__(self, seconds: float = SILENT_SECONDS) -> None:
        self._seconds = seconds
        self._seen: dict[uuid.UUID, tuple[datetime | None, float]] = {}

    def lost(self, beats: Mapping[uuid.UUID, datetime | None], now: float) -> list[uuid.UUID]:
        """Take the newest beats of the workers that hold something; return those silent for too long."""
        self._seen = {worker: seen for worker, seen in self._seen.items() if worker in beats}
        for worker, beat in beats.items():
            if worker not in self._seen or self._seen[worker][0] != beat:
                self._seen[worker] = (beat, now)
        return [worker for worker, (_, since) in self._seen.items() if now - since >= self._seconds]

    def forget(self) -> None:
        """Begin again: what happened while we could not look proves nothing."""
        self._seen.clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A generation taken from a dead worker, at its new epoch, as its row has it."""

    generation_id: uuid.UUID
    epoch: int
    sequence: int
    parts: list[dict[str, Any]]
    prompt: tuple[str, ...]
    # Empty where no policy reads the answer.
    coverage: dict[str, Any]
    # Where its text was shown before a classifier's verdict.
    seen_first: frozenset[Channel] = frozenset()


async def watch_forever(redis: Redis) -> None:
    """Look for dead workers for as long as this process lives."""
    silence = Silence()
    while True:
        asked = time.monotonic()
        try:
            beats = await in_database(_beats)
            if time.monotonic() - asked > SLOW_SECONDS:
                silence.forget()
            for worker_id in silence.lost(beats, time.monotonic()):
                await _take_over(redis, worker_id)
        except DatabaseError as error:
            silence.forget()
            log.warning("Cannot look for dead workers now: %s", error)
        await asyncio.sleep(LOOK_SECONDS)


def _beats() -> dict[uuid.UUID, datetime | None]:
    running = Generation.objects.filter(state=State.RUNNING).values_list("worker_id", flat=True)
    holders = {worker_id for worker_id in running if worker_id is not None}
    found = dict(WorkerBeat.objects.filter(id__in=holders).values_list("id", "seen_at"))
    return {holder: found.get(holder) for holder in holders}


async def _take_over(redis: Redis, worker_id: uuid.UUID) -> None:
    for lost in await in_database(_raise_epochs, worker_id):
        log.warning("Worker %s is silent; ending generation %s as interrupted.", worker_id, lost.generation_id)
        await interrupt(redis, lost, DIED)


async def end_abandoned(redis: Redis, worker_id: uuid.UUID, generation_id: uuid.UUID) -> None:
    """End a generation that a living worker holds in its row but works at no more."""
    for lost in await in_database(_raise_epochs, worker_id, id=generation_id):
        log.warning("Generation %s was given up without an ending; ending it as interrupted.", generation_id)
        await interrupt(redis, lost, GIVEN_UP)


def _raise_epochs(worker_id: uuid.UUID, **only: uuid.UUID) -> list[Lost]:
    taken = []
    held = Generation.objects.filter(worker_id=worker_id, state=State.RUNNING, **only)
    for row in held.select_related("message", "policy").defer("policy__document"):
        ours = Generation.objects.filter(id=row.id, state=State.RUNNING, epoch=row.epoch)
        if ours.update(epoch=row.epoch + 1):
            taken.append(
                Lost(
                    generation_id=row.id,
                    epoch=row.epoch + 1,
                    sequence=row.sequence,
                    parts=row.message.parts,
                    prompt=_asked(row.message),
                    coverage=_coverage(row),
                    seen_first=_seen_first(row),
                )
            )
    return taken


def _coverage(row: Generation) -> dict[str, Any]:
    if row.policy is None:
        return {}
    return covered(row.policy_id, row.policy.number, row.message.coverage.get("texts", ()))


def _seen_first(row: Generation) -> frozenset[Channel]:
    if row.policy_id is None:
        return frozenset()
    try:
        return seen_first(compiled(row.policy_id).policy)
    except (NoSuchPolicy, PolicyInvalid) as error:
        log.error("Policy version %s cannot be read: %s", row.policy_id, error)
        return frozenset(Channel)


def _asked(answer: Message) -> tuple[str, ...]:
    assert answer.parent_id is not None, "an answer follows a prompt"
    return tuple(turn.content for turn in history_of(answer.conversation_id, answer.parent_id))


async def interrupt(redis: Redis, lost: Lost, words: str) -> None:
    """Fence the log, save what it shows, end the generation, and say so in the log."""
    sequence, found = await _shown(redis, lost)
    parts = judged(found, lost.coverage, lost.epoch - 1, lost.seen_first)
    entries = []
    if parts != found:
        sequence += 1
        entries.append(Entry(epoch=lost.epoch, sequence=sequence, kind="s", value=token_log.encode({"parts": parts})))
    ending = Ending(
        generation_id=lost.generation_id,
        epoch=lost.epoch,
        state=State.INTERRUPTED,
        sequence=sequence + 1,
        parts=parts,
        words=words,
        usage=_estimated(lost, Transcript(parts)),
        # The worker's own epoch was the one before.
        coverage=recovered(lost.coverage, lost.epoch - 1, parts) if lost.coverage else {},
    )
    if not await in_database(settle, ending):
        return
    fields = {"state": State.INTERRUPTED, "words": words, "usage": ending.usage}
    entries.append(Entry(epoch=lost.epoch, sequence=sequence + 1, kind="e", value=token_log.encode(fields)))
    try:
        await token_log.end(redis, lost.generation_id, *entries)
    except RedisError as error:
        log.warning("The end of %s is in its row but not in the log: %s", lost.generation_id, error)


async def _shown(redis: Redis, lost: Lost) -> tuple[int, list[dict[str, Any]]]:
    try:
        await token_log.fence(redis, lost.generation_id, epoch=lost.epoch, sequence=lost.sequence)
        entries = await token_log.read(redis, lost.generation_id)
    except RedisError as error:
        log.warning("The log of %s is out of reach, using its row: %s", lost.generation_id, error)
        return lost.sequence + 1, lost.parts
    run = token_log.contiguous(entries)
    if not run or run[-1].sequence <= lost.sequence:
        return max([lost.sequence + 1, *(entry.sequence for entry in entries)]), lost.parts
    return run[-1].sequence, token_log.fold(Transcript(), run).parts()


def _estimated(lost: Lost, shown: Transcript) -> dict[str, Any]:
    answer = shown.text("text") + shown.text("json")
    return asdict(estimated_usage(prompt=lost.prompt, answer=answer, reasoning=shown.text("reasoning")))
