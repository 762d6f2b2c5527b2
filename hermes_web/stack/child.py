"""One process of the stack: how to start it, and what is known of it while it runs."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import re
import signal
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
ROOT = Path(__file__).parents[2]
_libc = ctypes.CDLL(None, use_errno=True)
Ready = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """What to run.

    `ready` is asked until it says yes; `last_signal` reaches it when the supervisor dies; lines with `noise`
    in them are shown only if it does not become ready.
    """

    name: str
    argv: tuple[str, ...]
    ready: Ready | None = None
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    last_signal: signal.Signals = signal.SIGKILL
    noise: re.Pattern[str] | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Running:
    """A started child."""

    child: Child
    process: asyncio.subprocess.Process
    hidden: deque[str] = field(default_factory=lambda: deque(maxlen=40))
    reader: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        return self.process.returncode is None


def identity(user: str | None) -> dict[str, Any]:
    """Return what makes a process run as another user, with nothing left of our groups."""
    return {"user": user, "group": user, "extra_groups": []} if user else {}


async def start(child: Child, mark: Mapping[str, str]) -> Running:
    """Start a child in a process group of its own, bound to die with us; `mark` is put into its environment."""
    process = await asyncio.create_subprocess_exec(
        *child.argv,
        env={**os.environ, **mark},
        cwd=ROOT,
        **identity(child.user),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_bind_to_parent(child.last_signal, os.getpid()),
    )
    return Running(child=child, process=process)


def send(running: Running, number: signal.Signals) -> None:
    """Send a signal to a child's whole process group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.process.pid, number)


def _bind_to_parent(number: signal.Signals, parent: int) -> Callable[[], None]:
    def bind() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(number))
        # The parent may have died before the line above.
        if os.getppid() != parent:
            os._exit(1)

    return bind
