"""Reach the database from asyncio code: run a function in a thread and give its connection back to the pool."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from channels.db import database_sync_to_async

P = ParamSpec("P")
T = TypeVar("T")


async def in_database(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function that uses the ORM and return what it returns.

    Threads are not shared with Django's request thread: one slow query does not hold up the others.
    """
    result: T = await database_sync_to_async(function, thread_sensitive=False)(*args, **kwargs)
    return result
