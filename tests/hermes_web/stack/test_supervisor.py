"""Processes are kept alive and ended, whatever they do."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
import time
from collections.abc import AsyncIterator

import pytest

from hermes_web.stack import supervisor as module
from hermes_web.stack.child import Child
from hermes_web.stack.display import Display
from hermes_web.stack.errors import ChildFailed
from hermes_web.stack.supervisor import Supervisor


class Terminal(Display):
    """Keeps what is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple[str, str]] = []

    def log(self, name: str, line: str) -> None:
        self.lines.append((name, line))

    async def until(self, words: str, times: int = 1) -> None:
        async with asyncio.timeout(60):
            while sum(words in line for _, line in self.lines) < times:
                await asyncio.sleep(0.01)


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


@pytest.fixture
async def kept(terminal: Terminal) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(terminal, {"HERMES_STACK": "a test"})
    yield supervisor
    supervisor.hurry()
    await supervisor.stop()


def shell(script: str, name: str = "part", **more: object) -> Child:
    return Child(name=name, argv=("sh", "-c", script), **more)  # type: ignore[arg-type]


async def never() -> bool:
    return False


async def test_what_a_child_says_is_shown_under_its_name(kept: Supervisor, terminal: Terminal) -> None:
    await kept.start(shell("echo out; echo error >&2; echo; sleep 60"))
    await terminal.until("error")
    assert terminal.lines == [("part", "out"), ("part", "error")]


async def test_noise_is_left_out_unless_the_start_fails(kept: Supervisor, terminal: Terminal) -> None:
    noise = re.compile("^LOG")
    await kept.start(shell("echo LOG starting; echo hello; sleep 60", noise=noise))
    await terminal.until("hello")
    assert terminal.lines == [("part", "hello")]
    with pytest.raises(ChildFailed, match="other ended while starting"):
        await kept.start(shell("echo LOG why; exit 3", name="other", noise=noise, ready=never))
    assert ("other", "LOG why") in terminal.lines


async def test_a_child_that_does_not_become_ready_fails_the_start(kept: Supervisor) -> None:
    with pytest.raises(ChildFailed, match="part was not ready after 0 seconds"):
        await kept.start(shell("sleep 60", ready=never), timeout=0.2)


async def test_a_program_that_is_not_there_fails_the_start(kept: Supervisor) -> None:
    with pytest.raises(ChildFailed, match="part cannot be started: .*/no/such/program"):
        await kept.start(Child(name="part", argv=("/no/such/program",)))


async def test_the_pause_before_a_restart_grows(
    kept: Supervisor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.04)
    await kept.start(shell("exit 3"))
    await terminal.until("starting it again in 0.04 s", times=2)
    pauses = [line.rsplit(" ", 2)[1] for _, line in terminal.lines]
    assert pauses[:4] == ["0.01", "0.02", "0.04", "0.04"]
    assert terminal.lines[0] == ("part", "ended (status 3); starting it again in 0.01 s")


async def test_a_child_that_ends_of_its_own_accord_is_started_again(
    kept: Supervisor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.01)
    await kept.start(shell("echo here; exit 0", name="web"))
    await terminal.until("here", times=2)
    assert ("web", "ended (status 0); starting it again in 0.01 s") in terminal.lines


async def test_a_line_of_any_length_does_not_deafen_us(kept: Supervisor, terminal: Terminal) -> None:
    await kept.start(shell(f"{sys.executable} -c 'print(\"x\" * 300_000)'; echo after; printf '\\377\\n'; sleep 60"))
    await terminal.until("\ufffd")
    assert ("part", "after") in terminal.lines
    assert max(len(line) for _, line in terminal.lines) < 70_000


async def test_who_does_not_end_politely_is_killed_in_time(
    kept: Supervisor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 3.0)
    await kept.start(shell("trap '' TERM; echo deaf; while :; do sleep 0.05; done"))
    await kept.start(
        shell("trap 'echo goodbye; exit 0' TERM; echo polite; while :; do sleep 0.05; done", name="polite")
    )
    await terminal.until("deaf")
    await terminal.until("polite")
    began = time.monotonic()
    await kept.stop()
    assert time.monotonic() - began < 30
    assert ("polite", "goodbye") in terminal.lines
    assert not any("starting it again" in line for _, line in terminal.lines)


async def test_servers_end_after_those_who_use_them(kept: Supervisor, terminal: Terminal) -> None:
    loop = "trap 'echo bye; exit 0' {signal}; echo up; while :; do sleep 0.05; done"
    await kept.start(shell(loop.format(signal="INT"), name="postgres", stop_signal=signal.SIGINT))
    await kept.start(shell(loop.format(signal="TERM"), name="valkey"))
    await kept.start(shell(loop.format(signal="TERM"), name="worker"))
    await terminal.until("up", times=3)
    await kept.stop()
    assert [name for name, line in terminal.lines if line == "bye"] == ["worker", "valkey", "postgres"]
