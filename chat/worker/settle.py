"""Write an answer into its rows. Every write is guarded by state and epoch: who lost it changes nothing."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from audit.record import record
from chat import hints, tasks
from chat.models import Conversation, Generation, Message
from chat.states import State, sources_of
from inference.models import LedgerEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an answer ended, whole. `usage` holds tokens: prompt, cached, answer, reasoning, estimated.

    Without a manifest the row keeps the one it has.
    """

    generation_id: uuid.UUID
    epoch: int
    state: State
    sequence: int
    parts: list[dict[str, Any]]
    words: str = ""
    model: str = ""
    usage: dict[str, Any]
    manifest: dict[str, Any] = field(default_factory=dict)
    first_token_at: datetime | None = None


def checkpoint(
    generation_id: uuid.UUID, epoch: int, sequence: int, parts: list[dict[str, Any]], manifest: dict[str, Any]
) -> bool:
    """Save what has been shown so far, in case worker and log die together; return whether it is still ours."""
    with transaction.atomic():
        ours = Generation.objects.filter(id=generation_id, epoch=epoch, state=State.RUNNING)
        if not ours.update(sequence=sequence, **_recorded(manifest)):
            return False
        Message.objects.filter(generation__id=generation_id).update(parts=parts)
        return True


def settle(ending: Ending) -> bool:
    """End a generation in one transaction; return False when it was not ours to end any more."""
    with transaction.atomic():
        now = timezone.now()
        moved = Generation.objects.filter(
            id=ending.generation_id, epoch=ending.epoch, state__in=sources_of(ending.state)
        ).update(
            state=ending.state,
            sequence=ending.sequence,
            words=ending.words,
            model=ending.model,
            usage=ending.usage,
            first_token_at=ending.first_token_at,
            ended_at=now,
            **_recorded(ending.manifest),
        )
        if not moved:
            return False
        generation = Generation.objects.select_related("message__conversation").get(id=ending.generation_id)
        Message.objects.filter(id=generation.message_id).update(parts=ending.parts)
        conversation = generation.message.conversation
        Conversation.objects.filter(id=conversation.id).update(updated_at=now)
        _settle_ledger(generation, ending, now)
        record(
            f"chat.answer.{ending.state}",
            actor_id=generation.user_id,
            organization_id=generation.organization_id,
            target=("generation", generation.id),
            facts={"epoch": ending.epoch, "tokens": ending.usage.get("answer", 0)},
        )
        _after(generation, conversation, ending)
        return True


def _recorded(manifest: dict[str, Any]) -> dict[str, Any]:
    return {"manifest": manifest} if manifest else {}


def _settle_ledger(generation: Generation, ending: Ending, now: datetime) -> None:
    usage = ending.usage
    LedgerEntry.objects.filter(generation_id=generation.id, outcome=LedgerEntry.Outcome.RESERVED).update(
        outcome=ending.state,
        model=ending.model,
        prompt_tokens=usage.get("prompt", 0),
        cached_tokens=usage.get("cached", 0),
        answer_tokens=usage.get("answer", 0),
        reasoning_tokens=usage.get("reasoning", 0),
        estimated=usage.get("estimated", False),
        settled_at=now,
        queue_ms=_milliseconds(generation.queued_at, generation.claimed_at),
        first_token_ms=_milliseconds(generation.claimed_at, generation.first_token_at),
        total_ms=_milliseconds(generation.queued_at, now),
    )


def _milliseconds(start: datetime | None, end: datetime | None) -> int | None:
    return max(0, round((end - start).total_seconds() * 1000)) if start and end else None


def _after(generation: Generation, conversation: Conversation, ending: Ending) -> None:
    # Open pages hear of the end from the log; the hint is for the list and for pages that lost the log.
    transaction.on_commit(
        partial(
            hints.conversation_changed,
            generation.organization_id,
            generation.user_id,
            conversation.id,
            generation.ended_at,
        )
    )
    if not conversation.title and ending.state == State.DONE:
        transaction.on_commit(partial(tasks.enqueue_title, conversation.id))
