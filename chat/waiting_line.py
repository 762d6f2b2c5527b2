"""Who waits for a model and what runs, read from the rows. An answer that names no model is of the default one."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping

from django.db import connection

from chat.fairness import Shares, Waiting

Model = uuid.UUID | None
"""None is no model at all: there is no default one."""

QUEUE = """
SELECT model_id, id, organization_id, user_id, queued_at FROM (
    SELECT coalesce(chat_model_id, %(default)s::uuid) AS model_id, id, organization_id, user_id, queued_at,
           row_number() OVER (
               PARTITION BY coalesce(chat_model_id, %(default)s::uuid), organization_id, user_id ORDER BY queued_at
           ) AS place
    FROM chat_generation WHERE state = 'queued'
) AS waiting
WHERE place <= %(deep)s AND EXISTS (SELECT FROM unnest(%(models)s::uuid[]) AS asked (id)
                                    WHERE asked.id IS NOT DISTINCT FROM waiting.model_id)
"""
RUNNING = """
SELECT organization_id, user_id, count(*), sum(charged) FROM chat_generation WHERE state = 'running' GROUP BY 1, 2
"""


def waiting_for(
    models: Collection[Model], default_id: uuid.UUID | None, deep: int = 1_000_000
) -> Mapping[Model, list[Waiting]]:
    """Return who waits for these models, of each person the first `deep`."""
    found: dict[Model, list[Waiting]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(QUEUE, {"models": list(models), "default": default_id, "deep": deep})
        for model_id, generation_id, organization_id, user_id, queued_at in cursor.fetchall():
            one = Waiting(
                generation_id=generation_id, organization_id=organization_id, user_id=user_id, queued_at=queued_at
            )
            found[model_id].append(one)
    return found


def count_running(shares: Shares) -> None:
    """Note in shares how many answers of each are being written, and what they were charged."""
    with connection.cursor() as cursor:
        cursor.execute(RUNNING)
        for organization_id, user_id, count, charged in cursor.fetchall():
            for holder in ((organization_id, None), (organization_id, user_id)):
                if holder in shares:
                    shares[holder].running += count
                    shares[holder].pending += charged
