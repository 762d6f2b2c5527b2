"""What a killed stack left is found by what it does, and a bystander is not."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hermes_web.stack import leftovers as module
from hermes_web.stack.layout import Layout
from hermes_web.stack.leftovers import end_leftovers, is_served, leftovers, mark
from tests.site import Site

Bystander = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def sleeper() -> Iterator[Bystander]:
    started: list[subprocess.Popen[bytes]] = []

    def start(seconds: float, *, folder: Path | None = None, **environment: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(["sleep", str(seconds)], cwd=folder, env={**os.environ, **environment})
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_it_finds_what_carries_the_mark_of_this_folder_alone(sleeper: Bystander, tmp_path: Path) -> None:
    ours = sleeper(60, **mark(tmp_path))
    sleeper(60, **mark(tmp_path / "other"))
    sleeper(60, folder=tmp_path, HERMES_DATA_DIR=str(tmp_path))
    assert list(leftovers(tmp_path)) == [ours.pid]


def test_it_finds_servers_whose_title_covers_their_mark(servers: Site) -> None:
    data = servers.layout.data_dir
    # The server and its own children, none of which a supervisor has marked here.
    assert len(set(leftovers(data))) > 4
    assert is_served(Layout(data).postgres)
    assert not is_served(data / "elsewhere")


def test_it_waits_for_those_that_end_and_kills_those_that_stay(
    sleeper: Bystander, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 4.0)
    short, long = sleeper(0.2, **mark(tmp_path)), sleeper(60, **mark(tmp_path))
    began = time.monotonic()
    end_leftovers(tmp_path)
    assert time.monotonic() - began >= 4.0
    assert (short.wait(), long.wait()) == (0, -signal.SIGKILL)
