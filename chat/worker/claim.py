"""Take queued generations, each by one worker only."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from chat.asking import Wanted
from chat.models import Message
from chat.prompts import history_of
from chat.transcript import Part
from chat.worker.mandate import Mandate, Version, mandate_of
from chat.worker.wanted import wanted_by
from inference.request import ChatTurn

Room = Mapping[uuid.UUID | None, int]
CLAIM = """
UPDATE chat_generation AS taken
SET state = 'running', epoch = taken.epoch + 1, worker_id = %s, claimed_at = clock_timestamp(),
    stop_requested_at = NULL, policy_id = CASE WHEN taken.epoch = 0 THEN standing.enforced_id ELSE taken.policy_id END
FROM (
    SELECT waiting.*, room.model_id
    FROM unnest(%s::uuid[], %s::int[]) AS room (model_id, places), LATERAL (
        SELECT id, message_id, organization_id FROM chat_generation
        WHERE state = 'queued' AND coalesce(chat_model_id, %s::uuid) IS NOT DISTINCT FROM room.model_id
        ORDER BY queued_at FOR UPDATE SKIP LOCKED LIMIT room.places
    ) AS waiting
) AS next
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


NAMES = (
    *("generation_id", "epoch", "sequence", "message_id", "organization_id", "user_id", "queued_at", "claimed_at"),
    *("parent_id", "conversation_id", "parts", "enforced", "shadow", "prompt", "coverage", "model_id", "may_ask"),
)
"""What the columns of the claim are."""


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
    """Take queued generations, oldest first, and read what came before. A prompt that no policy reads is released.

    `room` says how many of each model; those that name no model are of the default one.
    """
    with transaction.atomic():
        rows = _take(worker_id, room, default_id)
        free = [row["parent_id"] for row in rows if row["enforced"] is None]
        Message.objects.filter(id__in=free, release=Message.Release.PENDING).update(release=Message.Release.RELEASED)
        # Here, so that a claim whose history cannot be read is none.
        wanted = wanted_by([row["generation_id"] for row in rows]) if rows else {}
        return [_claim(row, wanted[row["generation_id"]]) for row in rows]


def _take(worker_id: uuid.UUID, room: Room, default_id: uuid.UUID | None) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [worker_id, list(room), list(room.values()), default_id])
        return [dict(zip(NAMES, row, strict=True)) for row in cursor.fetchall()]


def _claim(row: dict[str, Any], wanted: Wanted) -> Claim:
    enforced, shadow = Version.of(row.pop("enforced")), Version.of(row.pop("shadow"))
    jsons = {name: json.loads(value) for name in ("parts", "prompt", "coverage") if (value := row.pop(name))}
    return Claim(
        **row,
        **jsons,
        history=history_of(row["conversation_id"], row["parent_id"]),
        wanted=wanted,
        mandate=mandate_of(row["organization_id"], row["user_id"], enforced, shadow, row["claimed_at"]),
    )
