"""Move queued generations to a worker: as they came where there is room for all, else in fair order.

Where nobody waits for others this is one statement. In a line, claims take turns: whom one takes is what the next one
goes by.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from itertools import islice
from typing import Any

from django.db import connection

from chat.fairness import Shares, Turn, fair_order
from chat.waiting_line import count_running, waiting_for
from chat.worker.shares import held, write

Room = Mapping[uuid.UUID | None, int]
Row = dict[str, Any]
QUEUED = "state = 'queued' AND coalesce(chat_model_id, %(default)s::uuid) IS NOT DISTINCT FROM room.model_id"
ROOM = f"""
SELECT model_id, places, places < (
    SELECT count(*) FROM (SELECT FROM chat_generation WHERE {QUEUED} LIMIT room.places + 1) AS waiting
) AS is_crowded
FROM unnest(%(models)s::uuid[], %(places)s::int[]) AS room (model_id, places)
"""
AS_THEY_CAME = f"""
SELECT waiting.*, room.model_id, 0 AS charged
FROM ({ROOM}) AS room, LATERAL (
    SELECT id, message_id, organization_id FROM chat_generation
    WHERE {QUEUED} AND NOT room.is_crowded
    ORDER BY queued_at FOR UPDATE SKIP LOCKED LIMIT room.places
) AS waiting
"""
CROWDED = f"SELECT model_id FROM ({ROOM}) AS room WHERE is_crowded"
CHOSEN = """
SELECT waiting.*, turn.model_id, turn.charged
FROM unnest(%(chosen)s::uuid[], %(of)s::uuid[], %(charged)s::int[]) AS turn (id, model_id, charged), LATERAL (
    SELECT id, message_id, organization_id FROM chat_generation
    WHERE id = turn.id AND state = 'queued' FOR UPDATE SKIP LOCKED
) AS waiting
"""
TAKE = """
UPDATE chat_generation AS taken
SET state = 'running', epoch = taken.epoch + 1, worker_id = %(worker)s, claimed_at = clock_timestamp(),
    stop_requested_at = NULL, charged = next.charged,
    policy_id = CASE WHEN taken.epoch = 0 THEN standing.enforced_id ELSE taken.policy_id END
FROM ({next}) AS next
JOIN chat_message AS answer ON answer.id = next.message_id
JOIN chat_message AS prompt ON prompt.id = answer.parent_id
LEFT JOIN moderation_organizationpolicy AS standing ON standing.organization_id = next.organization_id
WHERE taken.id = next.id
RETURNING taken.id, taken.epoch, taken.sequence, taken.message_id, taken.organization_id, taken.user_id,
          taken.queued_at, taken.claimed_at, answer.parent_id, answer.conversation_id, answer.parts,
          (SELECT json_build_object('id', version.id, 'number', version.number, 'name', version.name,
                                    'digest', version.digest)
           FROM moderation_policyversion AS version WHERE version.id = taken.policy_id),
          (SELECT json_build_object('id', version.id, 'number', version.number, 'name', version.name,
                                    'digest', version.digest)
           FROM moderation_policyversion AS version WHERE version.id = standing.shadow_id),
          CASE WHEN coalesce(taken.policy_id, standing.shadow_id) IS NOT NULL AND prompt.release = 'pending'
               THEN prompt.parts END,
          CASE WHEN taken.policy_id IS NOT NULL THEN answer.coverage END,
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
TAKE_AS_THEY_CAME = TAKE.replace("{next}", AS_THEY_CAME)
TAKE_CHOSEN = TAKE.replace("{next}", CHOSEN)
NAMES = (
    *("generation_id", "epoch", "sequence", "message_id", "organization_id", "user_id", "queued_at", "claimed_at"),
    *("parent_id", "conversation_id", "parts", "enforced", "shadow", "prompt", "coverage", "model_id", "may_ask"),
)
"""What the columns are."""
# Of everybody's advisory locks, the one of a claim from a line.
LINE_LOCK = 0x4C494E45


def take(worker_id: uuid.UUID, room: Room, default_id: uuid.UUID | None) -> list[Row]:
    """Take what may be begun, in the caller's transaction; `room` is how many of each model."""
    asked = {"default": default_id, "models": list(room), "places": list(room.values()), "worker": worker_id}
    # On the way to the first token this is all; only who finds nothing looks for a line.
    if rows := _rows(TAKE_AS_THEY_CAME, asked):
        return rows
    with connection.cursor() as cursor:
        cursor.execute(CROWDED, asked)
        crowded = [model_id for (model_id,) in cursor.fetchall()]
    return _take_in_turn(worker_id, {one: room[one] for one in crowded}, default_id) if crowded else []


def _take_in_turn(worker_id: uuid.UUID, room: Room, default_id: uuid.UUID | None) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LINE_LOCK])
    # One more than can be taken tells who goes on waiting.
    queues = waiting_for(room, default_id, deep=max(room.values()) + 1)
    everybody = [one for queue in queues.values() for one in queue]
    shares = held({one.organization_id for one in everybody}, {one.user_id for one in everybody})
    count_running(shares)
    turns = [
        (model_id, turn)
        for model_id, queue in queues.items()
        for turn in islice(fair_order(queue, shares), room[model_id])
    ]
    chosen = {
        "worker": worker_id,
        "chosen": [turn.waiting.generation_id for _, turn in turns],
        "of": [model_id for model_id, _ in turns],
        "charged": [turn.charged for _, turn in turns],
    }
    rows = _rows(TAKE_CHOSEN, chosen)
    taken = {row["generation_id"] for row in rows}
    _give_back(shares, [turn for _, turn in turns if turn.waiting.generation_id not in taken])
    write(shares)
    return rows


def _give_back(shares: Shares, turns: Collection[Turn]) -> None:
    """Take back what was charged for those who left the line in this moment."""
    for turn in turns:
        for user_id in (None, turn.waiting.user_id):
            shares[turn.waiting.organization_id, user_id].charge(-turn.charged)


def _rows(statement: str, asked: Mapping[str, Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return [dict(zip(NAMES, row, strict=True)) for row in cursor.fetchall()]
