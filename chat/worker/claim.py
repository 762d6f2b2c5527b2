"""Take queued generations, each by one worker only."""

from __future__ import annotations

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
) AS next
WHERE taken.id = next.id
RETURNING taken.id, taken.epoch, taken.sequence, taken.message_id, taken.organization_id, taken.user_id,
          taken.queued_at, taken.claimed_at
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
        if not rows:
            return []
        answers = Message.objects.in_bulk([row[3] for row in rows])
        Message.objects.filter(
            id__in=[answer.parent_id for answer in answers.values()], release=Message.Release.PENDING
        ).update(release=Message.Release.RELEASED)
        return [_claim(row, answers[row[3]]) for row in rows]


def _take(worker_id: uuid.UUID, count: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [worker_id, count])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _claim(row: tuple[Any, ...], answer: Message) -> Claim:
    assert answer.parent_id is not None
    return Claim(
        generation_id=row[0],
        epoch=row[1],
        sequence=row[2],
        message_id=row[3],
        conversation_id=answer.conversation_id,
        organization_id=row[4],
        user_id=row[5],
        parent_id=answer.parent_id,
        parts=answer.parts,
        queued_at=row[6],
        claimed_at=row[7],
        history=history_of(answer.conversation_id, answer.parent_id),
    )
