"""The worker's sign of life: one row, renewed every second by the database's clock."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import psycopg
from django.db import connections

BEAT_SECONDS = 1.0

RENEW = """
INSERT INTO chat_workerbeat (id, host, process, started_at, seen_at, engine)
VALUES (%s, %s, %s, clock_timestamp(), clock_timestamp(), %s::jsonb)
ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp(), engine = EXCLUDED.engine
"""
FORGET = "DELETE FROM chat_workerbeat WHERE seen_at < clock_timestamp() - interval '1 day'"
RUNNING = """
SELECT id, stop_requested_at IS NOT NULL FROM chat_generation WHERE worker_id = %s AND state = 'running'
"""
# The names of the workers' connections; the database shows one for as long as its process lives.
NAME = "hermes worker "
CONNECTED = "SELECT application_name FROM pg_stat_activity WHERE application_name = ANY(%s)"


class Pulse:
    """Beat for one worker over a connection of its own.

    A beat must not wait behind a full pool, nor for the pool to try a lost server again: others
    take a silent worker for a dead one. Raises psycopg.Error where the database is out of reach.
    """

    def __init__(self, worker_id: uuid.UUID) -> None:
        self._worker_id = worker_id
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def beat(self, engine: str) -> Mapping[uuid.UUID, bool]:
        """Say that this worker lives; `engine` is the JSON of what it knows of its engine.

        Returns its running generations, and for each whether a stop was asked for. A worker that
        finds one of its runs missing here has lost it to somebody else.
        """
        try:
            connection = await self._connected()
            await connection.execute(RENEW, [self._worker_id, socket.gethostname(), os.getpid(), engine])
            running = await connection.execute(RUNNING, [self._worker_id])
            return dict(await running.fetchall())
        except psycopg.Error:
            await self.close()
            raise

    async def close(self) -> None:
        """Give the connection up."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _connected(self) -> psycopg.AsyncConnection[Any]:
        if self._connection is None:
            name = f"{NAME}{self._worker_id}"
            self._connection = await psycopg.AsyncConnection.connect(
                **_address(), application_name=name, autocommit=True
            )
            await self._connection.execute(FORGET)
        return self._connection


def connected_among(workers: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Return those workers whose connections the database holds."""
    names = {f"{NAME}{one}": one for one in workers}
    with connections["default"].cursor() as cursor:
        cursor.execute(CONNECTED, [list(names)])
        return {names[name] for (name,) in cursor.fetchall()}


def _address() -> dict[str, Any]:
    parameters = connections["default"].get_connection_params()
    ours = ("dbname", "user", "password", "host", "port", "options", "sslmode", "sslrootcert", "sslcert", "sslkey")
    return {name: parameters[name] for name in ours if name in parameters} | {"connect_timeout": 2}
