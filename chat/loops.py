"""Loops that a web process cannot be without. Daphne knows nothing of them, so they watch over themselves."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import signal
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


def run_for_life(loop: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    """Run a loop for as long as the process lives; when it ends by itself, the process ends too.

    It begins in no request's context, though a request may start it: what it records comes from nowhere.
    """
    task = asyncio.create_task(loop, name=name, context=contextvars.Context())
    task.add_done_callback(_ended)
    return task


def _ended(task: asyncio.Task[None]) -> None:
    if task.cancelled():
        return
    log.critical("%s has failed; this process ends, to be started again.", task.get_name(), exc_info=task.exception())
    signal.raise_signal(signal.SIGTERM)
