"""Waiting for what other containers bring: after a reboot all of them start at once, in any order."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import DatabaseError, connections

from hermes_web.tables import waiting_migrations

WAIT_SECONDS = 120.0
AGAIN_SECONDS = 0.5


class NotInTime(Exception):
    """Something that was waited for did not come; the message says what."""


def wait_for_database(alias: str, seconds: float = WAIT_SECONDS) -> None:
    """Return when the database takes connections. Raises NotInTime."""
    _wait(lambda: _connects(alias), "The database did not take a connection", seconds)


def wait_for_tables(seconds: float = WAIT_SECONDS) -> None:
    """Return when every migration has been applied. Raises NotInTime."""
    _wait(_is_migrated, "The migrations were not applied", seconds)


def _wait(holds: Callable[[], str], what: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while reason := holds():
        if time.monotonic() > deadline:
            raise NotInTime(f"{what} within {seconds:.0f} seconds: {reason}")
        time.sleep(AGAIN_SECONDS)


def _connects(alias: str) -> str:
    """Return why there is no connection, or nothing."""
    try:
        connections[alias].ensure_connection()
    except DatabaseError as error:
        return str(error).strip()
    finally:
        connections[alias].close()
    return ""


def _is_migrated() -> str:
    try:
        waiting = waiting_migrations()
    except DatabaseError as error:
        return str(error).strip()
    finally:
        connections["default"].close()
    return f"{waiting} are waiting" if waiting else ""
