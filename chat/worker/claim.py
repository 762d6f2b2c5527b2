"""Take queued generations, each by one worker only."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from chat.models import Message
from chat.prompts import Turn, history_of

CLAIM = """
UPDATE chat_generation AS taken
SET state = 'running', epoch = taken.epoch + 1, worker_id = %s, claimed_at = clock_timestamp(),
    stop_requested_at = NULL
FROM (
    SELECT id FROM chat_generation WHERE state = 'queued'
    ORDER BY queued_at FOR UPDATE SKIP LOCKED LIMIT %s
) AS next, chat_message AS answer
WHERE taken.id = next.id AND answer.id = taken.message_id
RETURNING taken.id, taken.epoch, taken.sequence, taken.message_id, taken.organization_id, taken.user_id,
          taken.queued_at, taken.claimed_at, answer.parent_id, answer.conversation_id, answer.parts
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A generation that this worker holds at this epoch, with the answer as it was left."""

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
    history: list[Turn]


def claim(worker_id: uuid.UUID, count: int) -> list[Claim]:
    """Take up to `count` queued generations, oldest first, release their prompts and read what came before."""
    with transaction.atomic():
        rows = _take(worker_id, count)
        Message.objects.filter(id__in=[row[8] for row in rows], release=Message.Release.PENDING).update(
            release=Message.Release.RELEASED
        )
        # Here, so that a claim whose history cannot be read is none.
        return [_claim(*row) for row in rows]


def _take(worker_id: uuid.UUID, count: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [worker_id, count])
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
        history=history_of(conversation_id, parent_id),
    )
