"""Keep processes alive: start them, show what they say, start them again when they die, end them all."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Mapping, Sequence

from hermes_web.stack.child import Child, Running, send, start
from hermes_web.stack.display import Display
from hermes_web.stack.errors import ChildFailed

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
HEALTHY_SECONDS = 60.0
ASK_SECONDS = 0.1
# Those that use the servers have the first five seconds to end, the servers the rest.
STOP_SECONDS, SERVERS_STOP_SECONDS = 5.0, 9.0


class Supervisor:
    """Children are ended in the reverse order of their start. `mark` is put into the environment of each."""

    def __init__(self, display: Display, mark: Mapping[str, str]) -> None:
        self._display = display
        self._mark = mark
        self._running: dict[str, Running] = {}
        self._keepers: list[asyncio.Task[None]] = []

    async def start(self, child: Child, *, timeout: float = 60.0) -> None:
        """Start a child, wait until it is ready, and keep it alive from then on. Raises ChildFailed."""
        try:
            running = await self._launch(child)
        except OSError as error:
            raise ChildFailed(f"{child.name} cannot be started: {error}.") from None
        await self._wait_ready(running, timeout)
        self._keepers.append(asyncio.create_task(self._keep(child)))

    async def stop(self) -> None:
        """End every child within ten seconds, politely first."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        began = time.monotonic()
        users, servers = _apart(list(self._running.values()))
        await _end(users, began + STOP_SECONDS)
        for one in reversed(servers):
            await _end([one], began + SERVERS_STOP_SECONDS)
        if readers := [one.reader for one in self._running.values() if one.reader]:
            await asyncio.wait(readers, timeout=0.5)

    def hurry(self) -> None:
        """Kill what still lives."""
        for one in self._running.values():
            if one.alive:
                send(one, signal.SIGKILL)

    async def _launch(self, child: Child) -> Running:
        running = await start(child, self._mark)
        running.reader = asyncio.create_task(self._read(running))
        self._running[child.name] = running
        return running

    async def _read(self, running: Running) -> None:
        assert running.process.stdout is not None
        noise = running.child.noise
        async for text in _lines(running.process.stdout):
            if noise and noise.search(text):
                running.hidden.append(text)
            elif text:
                self._display.log(running.child.name, text)

    async def _wait_ready(self, running: Running, timeout: float) -> None:
        name = running.child.name
        try:
            async with asyncio.timeout(timeout):
                while running.child.ready is not None and not await running.child.ready():
                    if not running.alive:
                        await self._show_hidden(running)
                        raise ChildFailed(f"{name} ended while starting; what it said is above.")
                    await asyncio.sleep(ASK_SECONDS)
        except TimeoutError:
            await self._show_hidden(running)
            raise ChildFailed(f"{name} was not ready after {timeout:.0f} seconds; what it said is above.") from None

    async def _show_hidden(self, running: Running) -> None:
        if running.reader is not None:
            await asyncio.wait([running.reader], timeout=1)
        for text in running.hidden:
            self._display.log(running.child.name, text)

    async def _keep(self, child: Child) -> None:
        pause = FIRST_PAUSE
        while True:
            since = time.monotonic()
            code = await self._running[child.name].process.wait()
            pause = FIRST_PAUSE if time.monotonic() - since > HEALTHY_SECONDS else pause
            self._display.log(child.name, f"ended ({_how(code)}); starting it again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            try:
                await self._launch(child)
            except OSError as error:
                self._display.log(child.name, f"cannot be started: {error}")


async def _lines(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    while True:
        try:
            line = await stream.readline()
        except ValueError:
            # Longer than the reader holds; the reader has let go of it.
            yield "(a very long line is left out)"
            continue
        if not line:
            return
        yield line.decode(errors="replace").rstrip()


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
    return f"killed: {signal.strsignal(-code)}" if code < 0 else f"status {code}"
