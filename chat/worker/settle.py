"""Write an answer into its rows. Every write is guarded by state and epoch: who lost it changes nothing."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Exists
from django.utils import timezone

from audit.record import record
from chat import hints, tasks
from chat.ledger import Cost, close
from chat.models import Conversation, Generation, Message
from chat.states import State, sources_of
from chat.transcript import Part
from chat.worker.findings import Findings, save_findings
from chat.worker.meter import Call
from chat.worker.shares import served
from inference.usage import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """An answer in the making. Without manifest or coverage the rows keep those they have."""

    generation_id: uuid.UUID
    epoch: int
    sequence: int
    parts: list[Part]
    first_token_at: datetime | None = None
    manifest: dict[str, Any] = field(default_factory=dict)
    coverage: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A prompt that the policy has read: what of it is left in its row, and whether the model may have it."""

    message_id: uuid.UUID
    parts: list[Part]
    release: Message.Release
    findings: Findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an answer ended, whole. `usage` holds tokens: prompt, cached, answer, reasoning, estimated. `calls` are
    the engine's, where they are known.

    Without manifest or coverage the rows keep those they have. `refused` is the prompt, where that is why.
    """

    generation_id: uuid.UUID
    epoch: int
    state: State
    sequence: int
    parts: list[Part]
    words: str = ""
    model: str = ""
    model_id: uuid.UUID | None = None
    usage: dict[str, Any]
    calls: tuple[Call, ...] = ()
    manifest: dict[str, Any] = field(default_factory=dict)
    first_token_at: datetime | None = None
    coverage: dict[str, Any] = field(default_factory=dict)
    findings: Findings | None = None
    refused: Judged | None = None


def checkpoint(saved: Checkpoint) -> bool:
    """Save what has been shown so far, in case worker and log die together; return whether it is still ours."""
    with transaction.atomic():
        ours = Generation.objects.filter(id=saved.generation_id, epoch=saved.epoch, state=State.RUNNING)
        shown = {"sequence": saved.sequence, "first_token_at": saved.first_token_at}
        if not ours.update(**shown, **_given(manifest=saved.manifest)):
            return False
        rows = Message.objects.filter(generation__id=saved.generation_id)
        rows.update(parts=saved.parts, **_given(coverage=saved.coverage))
        return True


def release_prompt(generation_id: uuid.UUID, epoch: int, prompt: Judged, *, changed: bool) -> bool:
    """Release a prompt that was read, as it is or `changed`; return whether the generation is still ours."""
    if not changed and not prompt.findings.has_rows and _release_as_it_is(generation_id, epoch, prompt):
        return True
    with transaction.atomic():
        held = Generation.objects.select_related("message__conversation").select_for_update(of=("self",))
        generation = held.filter(id=generation_id, epoch=epoch, state=State.RUNNING).first()
        if generation is None:
            return False
        _write_prompt(generation, prompt)
        if changed:
            _tell(generation, generation.message.conversation, None)
        return True


def _release_as_it_is(generation_id: uuid.UUID, epoch: int, prompt: Judged) -> bool:
    """Release a prompt in which nothing was found, in one statement: this is on the way to the first token."""
    ours = Generation.objects.filter(id=generation_id, epoch=epoch, state=State.RUNNING)
    rows = Message.objects.filter(Exists(ours), id=prompt.message_id, release=Message.Release.PENDING)
    return bool(rows.update(release=prompt.release, **_given(coverage=prompt.findings.coverage)))


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
            **_given(manifest=ending.manifest),
        )
        if not moved:
            return False
        generation = Generation.objects.select_related("message__conversation").get(id=ending.generation_id)
        rows = Message.objects.filter(id=generation.message_id)
        rows.update(parts=ending.parts, **_given(coverage=ending.coverage))
        if ending.refused is not None:
            _write_prompt(generation, ending.refused)
        if ending.findings is not None:
            save_findings(generation, ending.findings, now)
        conversation = generation.message.conversation
        Conversation.objects.filter(id=conversation.id).update(updated_at=now)
        close(generation, ending.state, _cost(ending), now)
        served(generation, sum(ending.usage.get(name, 0) for name in ("prompt", "answer", "reasoning")))
        record(
            f"chat.answer.{ending.state}",
            actor_id=generation.user_id,
            organization_id=generation.organization_id,
            target=("generation", generation.id),
            facts={"epoch": ending.epoch, "tokens": ending.usage.get("answer", 0), **_policy(generation)},
        )
        _after(generation, conversation, ending)
        return True


def _given(**fields: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: value for name, value in fields.items() if value}


def _policy(generation: Generation) -> dict[str, str]:
    return {"version": str(generation.policy_id)} if generation.policy_id else {}


def _write_prompt(generation: Generation, prompt: Judged) -> None:
    rows = Message.objects.filter(id=prompt.message_id, release=Message.Release.PENDING)
    rows.update(parts=prompt.parts, release=prompt.release, **_given(coverage=prompt.findings.coverage))
    save_findings(generation, prompt.findings, timezone.now())


def _cost(ending: Ending) -> Cost:
    usage = Usage(**ending.usage)
    return Cost(usage=usage, calls=ending.calls, model=ending.model, model_id=ending.model_id)


def _after(generation: Generation, conversation: Conversation, ending: Ending) -> None:
    # Open pages hear of the end from the log; the hint is for the list and for pages that lost the log. A prompt that
    # was refused is no part of the log: the version is left out, so that every page looks.
    _tell(generation, conversation, None if ending.refused else generation.ended_at)
    if not conversation.title and ending.state == State.DONE:
        transaction.on_commit(partial(tasks.enqueue_title, conversation.id))


def _tell(generation: Generation, conversation: Conversation, version: datetime | None) -> None:
    place = (generation.organization_id, generation.user_id, conversation.id)
    transaction.on_commit(partial(hints.conversation_changed, *place, version))
