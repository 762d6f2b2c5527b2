"""Take queued generations, each by one worker only."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from chat.asking import Wanted
from chat.malformed import MALFORMED
from chat.models import Message
from chat.prompts import history_of
from chat.states import State
from chat.transcript import Part
from chat.worker.mandate import Mandate, Reading, Version, mandates_of
from chat.worker.settle import Ending, settle
from chat.worker.taking import Room, Row, take
from chat.worker.wanted import wanted_by
from inference.request import ChatTurn
from inference.usage import Usage

log = logging.getLogger(__name__)

UNREADABLE = "Something in this conversation cannot be read any more, so it could not be answered. Begin a new chat."


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A generation that this worker holds at this epoch, with the answer as it was left.

    `model_id` is the model it names, or else the default one; `may_ask` says whether the organization has it now.
    `prompt` is what a policy has yet to read of it, None when nothing is.
    """

    generation_id: uuid.UUID
    epoch: int
    sequence: int
    message_id: uuid.UUID
    conversation_id: uuid.UUID
    organization_id: uuid.UUID
    user_id: uuid.UUID
    parent_id: uuid.UUID
    parts: list[Part]
    queued_at: datetime
    claimed_at: datetime
    model_id: uuid.UUID | None
    may_ask: bool
    history: list[ChatTurn]
    wanted: Wanted
    mandate: Mandate | None = None
    prompt: list[Part] | None = None
    coverage: Mapping[str, Any] = field(default_factory=dict)


def claim(worker_id: uuid.UUID, room: Room, default_id: uuid.UUID | None) -> list[Claim]:
    """Take queued generations and read what came before. A prompt that no policy reads is released.

    What cannot be read fails here and now: it is not to end the worker, and the next one, with all that they write.
    `room` says how many of each model; those that name no model are of the default one.
    """
    try:
        with transaction.atomic():
            return _claims(_taken(worker_id, room, default_id))
    except MALFORMED as error:
        log.warning("One of the generations cannot be read; taking each by itself: %r", error)
    with transaction.atomic():
        claims = [_claim_or_end(row) for row in _taken(worker_id, room, default_id)]
    return [one for one in claims if one is not None]


def _taken(worker_id: uuid.UUID, room: Room, default_id: uuid.UUID | None) -> list[Row]:
    rows = take(worker_id, room, default_id)
    free = [row["parent_id"] for row in rows if row["enforced"] is None]
    Message.objects.filter(id__in=free, release=Message.Release.PENDING).update(release=Message.Release.RELEASED)
    return rows


def _claims(rows: Sequence[Row]) -> list[Claim]:
    # In the transaction that takes them, so that a claim whose history cannot be read is none.
    wanted = wanted_by([row["generation_id"] for row in rows]) if rows else {}
    readings = [_reading(row) for row in rows]
    mandates = mandates_of(readings, max((row["claimed_at"] for row in rows), default=timezone.now()))
    return [_claim(row, wanted[row["generation_id"]], mandate) for row, mandate in zip(rows, mandates, strict=True)]


def _reading(row: Row) -> Reading:
    return Reading(
        organization_id=row["organization_id"],
        user_id=row["user_id"],
        enforced=Version.of(row.pop("enforced")),
        shadow=Version.of(row.pop("shadow")),
    )


def _claim_or_end(row: Row) -> Claim | None:
    try:
        # What the database refuses here undoes nothing of the others.
        with transaction.atomic():
            return _claims([dict(row)])[0]
    except MALFORMED:
        log.exception("Generation %s cannot be read; ending it as failed.", row["generation_id"])
    ending = Ending(
        generation_id=row["generation_id"],
        epoch=row["epoch"],
        state=State.FAILED,
        sequence=row["sequence"] + 1,
        parts=json.loads(row["parts"]),
        words=UNREADABLE,
        usage=asdict(Usage()),
    )
    settle(ending)
    return None


def _claim(row: Row, wanted: Wanted, mandate: Mandate | None) -> Claim:
    jsons = {name: json.loads(value) for name in ("parts", "prompt", "coverage") if (value := row.pop(name))}
    history = history_of(row["conversation_id"], row["parent_id"])
    return Claim(**row, **jsons, history=history, wanted=wanted, mandate=mandate)
