"""The worker's sign of life: one row, renewed every second by the database's clock."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Mapping

from django.db import connection

from chat.models import Generation
from chat.states import State

BEAT_SECONDS = 1.0

RENEW = """
INSERT INTO chat_workerbeat (id, host, process, started_at, seen_at, engine)
VALUES (%s, %s, %s, clock_timestamp(), clock_timestamp(), %s::jsonb)
ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp(), engine = EXCLUDED.engine
"""


def renew(worker_id: uuid.UUID, engine: str) -> None:
    """Say that this worker lives; `engine` is the JSON of what it knows of its engine."""
    with connection.cursor() as cursor:
        cursor.execute(RENEW, [worker_id, socket.gethostname(), os.getpid(), engine])


def forget_old() -> None:
    """Delete the rows of workers that have been gone for a day."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM chat_workerbeat WHERE seen_at < clock_timestamp() - interval '1 day'")


def stops_requested(worker_id: uuid.UUID) -> Mapping[uuid.UUID, bool]:
    """Return this worker's running generations, and for each whether a stop was asked for.

    A worker that finds one of its runs missing here has lost it to somebody else.
    """
    rows = Generation.objects.filter(worker_id=worker_id, state=State.RUNNING).values_list("id", "stop_requested_at")
    return {generation_id: asked is not None for generation_id, asked in rows}
