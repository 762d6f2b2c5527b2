"""Notice workers that died, and end what they held with an explicit "interrupted"."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError
from django.db.models import QuerySet
from redis.asyncio import Redis
from redis.exceptions import RedisError

from chat import token_log
from chat.coverage import covered, recovered
from chat.database import in_database
from chat.malformed import MALFORMED
from chat.models import Generation, Message, WorkerBeat
from chat.prompts import history_of
from chat.silence import HUNG_SECONDS, LOOK_SECONDS, Silence
from chat.states import State
from chat.token_log import Entry
from chat.transcript import Transcript
from chat.unjudged import judged, seen_first
from chat.worker.beat import connected_among
from chat.worker.settle import Ending, settle
from inference.models import LedgerEntry
from inference.tokens import estimated_usage
from inference.usage import Usage
from moderation.channel import Channel
from moderation.errors import NoSuchPolicy, PolicyInvalid
from moderation.library import compiled

log = logging.getLogger(__name__)

DIED = "The worker that wrote this answer died. What it had shown is kept."
GIVEN_UP = "Something went wrong here while answering. What was shown is kept."
UNREADABLE = "Something went wrong here while answering, and what was shown cannot be read any more. Ask again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A generation taken from a dead worker, at its new epoch, as its row has it."""

    generation_id: uuid.UUID
    epoch: int
    # The dead worker's own epoch. Others may have tried to take it over before us.
    run: int
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
        try:
            beats = await in_database(_beats)
            for worker_id in await _dead(silence.lasting(beats, time.monotonic())):
                await _take_over(redis, worker_id)
        except DatabaseError as error:
            silence.forget()
            log.warning("Cannot look for dead workers now: %s", error)
        except MALFORMED:
            # The process lives by this loop: every open page is worth more than one row.
            silence.forget()
            log.exception("What a dead worker held cannot be ended.")
        await asyncio.sleep(LOOK_SECONDS)


async def _dead(silent: Mapping[uuid.UUID, float]) -> list[uuid.UUID]:
    """Return those of the silent workers that are gone: a slow one still has its connection."""
    connected = await in_database(connected_among, silent) if silent else set()
    return [one for one, seconds in silent.items() if one not in connected or seconds >= HUNG_SECONDS]


def _beats() -> dict[uuid.UUID, datetime | None]:
    running = Generation.objects.filter(state=State.RUNNING).values_list("worker_id", flat=True)
    holders = {worker_id for worker_id in running if worker_id is not None}
    found = dict(WorkerBeat.objects.filter(id__in=holders).values_list("id", "seen_at"))
    return {holder: found.get(holder) for holder in holders}


async def _take_over(redis: Redis, worker_id: uuid.UUID) -> None:
    for generation_id in await in_database(_held_by, worker_id):
        log.warning("Worker %s is silent; ending generation %s as interrupted.", worker_id, generation_id)
        await _end(redis, worker_id, generation_id, DIED)


async def end_abandoned(redis: Redis, worker_id: uuid.UUID, generation_id: uuid.UUID) -> None:
    """End a generation that a living worker holds in its row but works at no more."""
    log.warning("Generation %s was given up without an ending; ending it as interrupted.", generation_id)
    await _end(redis, worker_id, generation_id, GIVEN_UP)


async def _end(redis: Redis, worker_id: uuid.UUID, generation_id: uuid.UUID, words: str) -> None:
    """End one generation. One that cannot be read ends too: it is not to end us, again after each start."""
    try:
        lost = await in_database(_raise_epoch, worker_id, generation_id)
        if lost is not None:
            await interrupt(redis, lost, words)
    except MALFORMED:
        log.exception("Generation %s cannot be read; ending it as failed.", generation_id)
        await in_database(_end_unread, worker_id, generation_id)


def _held_by(worker_id: uuid.UUID) -> Collection[uuid.UUID]:
    return list(_held(worker_id).values_list("id", flat=True))


def _held(worker_id: uuid.UUID) -> QuerySet[Generation]:
    return Generation.objects.filter(worker_id=worker_id, state=State.RUNNING)


def _raise_epoch(worker_id: uuid.UUID, generation_id: uuid.UUID) -> Lost | None:
    """Take a generation from its worker; None when it is not there to be taken any more."""
    rows = _held(worker_id).select_related("message", "policy").defer("policy__document")
    row = rows.filter(id=generation_id).first()
    if row is None or not _held(worker_id).filter(id=row.id, epoch=row.epoch).update(epoch=row.epoch + 1):
        return None
    return Lost(
        generation_id=row.id,
        epoch=row.epoch + 1,
        run=_run_of(row),
        sequence=row.sequence,
        parts=row.message.parts,
        prompt=_asked(row.message),
        coverage=_coverage(row),
        seen_first=_seen_first(row),
    )


def _run_of(row: Generation) -> int:
    reserved = LedgerEntry.objects.filter(generation_id=row.id, outcome=LedgerEntry.Outcome.RESERVED)
    return reserved.values_list("epoch", flat=True).first() or row.epoch


def _end_unread(worker_id: uuid.UUID, generation_id: uuid.UUID) -> None:
    row = _held(worker_id).select_related("message").filter(id=generation_id).first()
    if row is None:
        return
    ending = Ending(
        generation_id=row.id,
        epoch=row.epoch,
        state=State.FAILED,
        sequence=row.sequence + 1,
        # What a policy may not have judged is shown to nobody.
        parts=[] if row.policy_id else row.message.parts,
        words=UNREADABLE,
        usage=asdict(Usage(estimated=True)),
    )
    settle(ending)


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
    parts = judged(found, lost.coverage, lost.run, lost.seen_first)
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
        coverage=recovered(lost.coverage, lost.run, parts) if lost.coverage else {},
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
