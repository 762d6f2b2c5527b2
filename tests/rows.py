"""Look at the rows from a test that runs in an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import connections
from django.utils import timezone

from chat.models import Generation
from chat.states import State

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Call a function that uses the database."""

    def call() -> T:
        try:
            return function(*arguments, **named)
        finally:
            connections.close_all()

    return await asyncio.to_thread(call)


def stop_answers() -> None:
    """Have the worker stop what it still writes: the next test needs the machine."""
    # The test may have ended the server of this connection.
    connections.close_all()
    Generation.objects.filter(state=State.RUNNING).exclude(worker_id=None).update(stop_requested_at=timezone.now())


def row_of(answer: str) -> Generation:
    """Return the generation of an answer, with its message."""
    return Generation.objects.select_related("message").get(message_id=answer)
