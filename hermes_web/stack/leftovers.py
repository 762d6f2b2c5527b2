"""Processes that a killed stack may have left: each carries its data folder in its environment."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

MARK = "HERMES_STACK"
# The kernel has told them to end when their supervisor died; a server may need a moment for its data.
PATIENCE_SECONDS = 10.0


def mark(data_dir: Path) -> dict[str, str]:
    """Return what a process of this data folder's stack carries in its environment."""
    return {MARK: str(data_dir)}


def end_leftovers(data_dir: Path) -> None:
    """Wait until no process of an earlier stack is left, and kill those that stay. Call it holding the lock."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while left := list(leftovers(data_dir)):
        if time.monotonic() > deadline:
            _kill(left)
        time.sleep(0.05)


def leftovers(data_dir: Path) -> Iterator[int]:
    """Yield the ids of the processes that an earlier stack on this data folder has started."""
    wanted = f"{MARK}={data_dir}".encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and wanted in _environment(entry):
            yield int(entry.name)


def _environment(entry: Path) -> list[bytes]:
    try:
        return (entry / "environ").read_bytes().split(b"\0")
    except OSError:
        # It has ended, or is another person's.
        return []


def _kill(processes: list[int]) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
