"""Take queued generations, each by one worker only."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from chat.asking import Wanted
from chat.models import Message
from chat.prompts import history_of
from chat.worker.wanted import wanted_by
from inference.request import ChatTurn

Room = Mapping[uuid.UUID | None, int]
CLAIM = """
UPDATE chat_generation AS taken
SET state = 'running', epoch = taken.epoch + 1, worker_id = %s, claimed_at = clock_timestamp(),
    stop_requested_at = NULL
FROM (
    SELECT waiting.id, room.model_id
    FROM unnest(%s::uuid[], %s::int[]) AS room (model_id, places), LATERAL (
        SELECT id FROM chat_generation
        WHERE state = 'queued' AND coalesce(chat_model_id, %s::uuid) IS NOT DISTINCT FROM room.model_id
        ORDER BY queued_at FOR UPDATE SKIP LOCKED LIMIT room.places
    ) AS waiting
) AS next, chat_message AS answer
WHERE taken.id = next.id AND answer.id = taken.message_id
RETURNING taken.id, taken.epoch, taken.sequence, taken.message_id, taken.organization_id, taken.user_id,
          taken.queued_at, taken.claimed_at, answer.parent_id, answer.conversation_id, answer.parts,
          next.model_id, EXISTS (
              SELECT 1 FROM inference_chatmodel AS model
              WHERE model.id = next.model_id AND model.enabled AND model.removed_at IS NULL AND (
                  model.for_everyone OR EXISTS (
                      SELECT 1 FROM inference_chatmodel_organizations AS named
                      WHERE named.chatmodel_id = model.id AND named.organization_id = taken.organization_id
                  )
              )
          )
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A generation that this worker holds at this epoch, with the answer as it was left.

    `model_id` is the model it names, or else the default one; `may_ask` says whether the organization has it now.
    """

    generation_id: uuid.UUID
    epoch: int
    sequence: int
    message_id: uuid.UUID
    conversation_id: uuid.UUID
    organization_id: uuid.UUID
    user_id: uuid.UUID
    parent_id: uuid.UUID
    parts: list[dict[str, Any]]
    queued_at: datetime
    claimed_at: datetime
    model_id: uuid.UUID | None
    may_ask: bool
    history: list[ChatTurn]
    wanted: Wanted


def claim(worker_id: uuid.UUID, room: Room, default_id: uuid.UUID | None) -> list[Claim]:
    """Take queued generations, oldest first, release their prompts and read what came before.

    `room` says how many of each model; those that name no model are of the default one.
    """
    with transaction.atomic():
        rows = _take(worker_id, room, default_id)
        Message.objects.filter(id__in=[row[8] for row in rows], release=Message.Release.PENDING).update(
            release=Message.Release.RELEASED
        )
        # Here, so that a claim whose history cannot be read is none.
        wanted = wanted_by([row[0] for row in rows]) if rows else {}
        return [_claim(*row, wanted=wanted[row[0]]) for row in rows]


def _take(worker_id: uuid.UUID, room: Room, default_id: uuid.UUID | None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [worker_id, list(room), list(room.values()), default_id])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _claim(
    generation_id: uuid.UUID,
    epoch: int,
    sequence: int,
    message_id: uuid.UUID,
    organization_id: uuid.UUID,
    user_id: uuid.UUID,
    queued_at: datetime,
    claimed_at: datetime,
    parent_id: uuid.UUID,
    conversation_id: uuid.UUID,
    parts: str,
    model_id: uuid.UUID | None,
    may_ask: bool,
    *,
    wanted: Wanted,
) -> Claim:
    return Claim(
        generation_id=generation_id,
        epoch=epoch,
        sequence=sequence,
        message_id=message_id,
        conversation_id=conversation_id,
        organization_id=organization_id,
        user_id=user_id,
        parent_id=parent_id,
        parts=json.loads(parts),
        queued_at=queued_at,
        claimed_at=claimed_at,
        model_id=model_id,
        may_ask=may_ask,
        history=history_of(conversation_id, parent_id),
        wanted=wanted,
    )
