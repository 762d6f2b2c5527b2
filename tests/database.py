"""Real transactions, several at once, and connections as other roles."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, connections, transaction

from hermes_web.stack.layout import Layout

committed = transaction.atomic


def connect(user: str, database: str = "hermes") -> psycopg.Connection[Any]:
    """Return a connection as a role of the database server."""
    sockets = Layout(settings.DATA_DIR).sockets
    return psycopg.connect(host=str(sockets), user=user, dbname=database, autocommit=True)


def is_waited_for(holder: psycopg.Connection[Any]) -> bool:
    """Say whether somebody waits for a lock that a connection holds."""
    blocked = "SELECT 1 FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"
    with connect("hermes_owner") as looker:
        return looker.execute(blocked, [holder.info.backend_pid]).fetchone() is not None


def race(calls: Sequence[Callable[[], object]]) -> list[object]:
    """Call all at the same moment, each in a thread and a connection of its own; return results or errors."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        try:
            connections["default"].ensure_connection()
            gate.wait(timeout=60)
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        running = [pool.submit(run, call) for call in calls]
    return [one.exception() or one.result() for one in running]


def somebody_waits() -> bool:
    """Say whether another transaction waits for this one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
        return bool(cursor.fetchone()[0])
