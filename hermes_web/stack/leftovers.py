"""Processes that a killed stack may have left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

MARK = "HERMES_STACK"
# The servers' own children write their title over their environment, but work in their data's folder.
SERVERS = ("postgres", "valkey-server")
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
    for process in _processes():
        if wanted in _environment(process) or _serves(process, data_dir):
            yield int(process.name)


def is_served(folder: Path) -> bool:
    """Say whether a server still works in its folder."""
    return any(_serves(process, folder) for process in _processes())


def _processes() -> Iterator[Path]:
    return (entry for entry in Path("/proc").iterdir() if entry.name.isdigit())


def _environment(process: Path) -> list[bytes]:
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:
        # It has ended, or is another person's.
        return []


def _serves(process: Path, folder: Path) -> bool:
    try:
        name = (process / "comm").read_text().strip()
        return name in SERVERS and (process / "cwd").readlink().is_relative_to(folder)
    except OSError:
        return False


def _kill(processes: list[int]) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
