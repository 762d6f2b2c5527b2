"""Keep processes alive: start them, show what they say, start them again when they die, end them all."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Sequence

from hermes_web.stack.child import Child, Running, send, start
from hermes_web.stack.display import Display
from hermes_web.stack.errors import ChildFailed

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
HEALTHY_SECONDS = 60.0
ASK_SECONDS = 0.1
STOP_SECONDS = 6.0
TRIES = 3


class Supervisor:
    """Children are ended in the reverse order of their start."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._running: dict[str, Running] = {}
        self._keepers: list[asyncio.Task[None]] = []
        self._ending = False

    async def start(self, child: Child, *, timeout: float = 60.0) -> None:
        """Start a child, wait until it is ready, and keep it alive from then on. Raises ChildFailed."""
        running = await self._launch(child)
        await self._wait_ready(running, timeout)
        self._keepers.append(asyncio.create_task(self._keep(child)))

    def processes(self) -> list[int]:
        """Return the ids of the children that live."""
        return [one.process.pid for one in self._running.values() if one.alive]

    async def stop(self) -> None:
        """End every child within ten seconds, politely first."""
        self._ending = True
        for keeper in self._keepers:
            keeper.cancel()
        deadline = time.monotonic() + STOP_SECONDS
        # Those that use the servers go first, together; the servers follow, last started first.
        users, servers = _apart(list(self._running.values()))
        for group in ([*users], *([one] for one in reversed(servers))):
            await _end(group, deadline)
        await asyncio.gather(*(one.reader for one in self._running.values() if one.reader), return_exceptions=True)

    def hurry(self) -> None:
        """Kill what still lives."""
        for one in self._running.values():
            if one.alive:
                send(one, signal.SIGKILL)

    async def _launch(self, child: Child) -> Running:
        running = await start(child)
        running.reader = asyncio.create_task(self._read(running))
        self._running[child.name] = running
        return running

    async def _read(self, running: Running) -> None:
        assert running.process.stdout is not None
        async for line in running.process.stdout:
            text = line.decode(errors="replace").rstrip()
            running.lines.append(text)
            self._display.log(running.child.name, text)

    async def _wait_ready(self, running: Running, timeout: float) -> None:
        try:
            async with asyncio.timeout(timeout):
                while running.child.ready is not None and not await running.child.ready():
                    if not running.alive:
                        raise ChildFailed(_failed(running))
                    await asyncio.sleep(ASK_SECONDS)
        except TimeoutError:
            raise ChildFailed(f"{running.child.name} was not ready after {timeout:.0f} seconds.") from None

    async def _keep(self, child: Child) -> None:
        pause = FIRST_PAUSE
        while not self._ending:
            since = time.monotonic()
            code = await self._running[child.name].process.wait()
            pause = FIRST_PAUSE if time.monotonic() - since > HEALTHY_SECONDS else pause
            self._display.log(child.name, f"ended ({_how(code)}); starting it again in {pause:.0f} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            await self._launch(child)


def _apart(running: Sequence[Running]) -> tuple[list[Running], list[Running]]:
    servers = [one for one in running if one.child.name in ("postgres", "valkey")]
    return [one for one in running if one not in servers], servers


async def _end(group: Sequence[Running], deadline: float) -> None:
    for one in group:
        if one.alive:
            send(one, one.child.stop_signal)
    waiting = [asyncio.create_task(one.process.wait()) for one in group]
    if waiting:
        await asyncio.wait(waiting, timeout=max(0.5, deadline - time.monotonic()))
    for one in group:
        if one.alive:
            send(one, signal.SIGKILL)
            await one.process.wait()


def _how(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"status {code}"


def _failed(running: Running) -> str:
    said = "\n".join(running.lines) or "It said nothing."
    return f"{running.child.name} could not start. Its last words:\n{said}"
