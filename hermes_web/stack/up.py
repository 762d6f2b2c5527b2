"""`manage.py up`: start everything in order, say when it is ready, end everything on Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.management import call_command

from accounts.setup import ensure_owner, setup_address
from hermes_web import environment as env
from hermes_web.public_address import without_tls
from hermes_web.stack import engine, postgres, services, valkey
from hermes_web.stack.child import Child, Ready
from hermes_web.stack.display import Display
from hermes_web.stack.layout import Layout
from hermes_web.stack.leftovers import end_leftovers, mark
from hermes_web.stack.preflight import check_application_role, check_parts, check_port, lock, using_database
from hermes_web.stack.readiness import Door
from hermes_web.stack.static_files import collect
from hermes_web.stack.supervisor import Supervisor

# An engine of one's own may load its model for minutes; the page says so, and need not wait for it.
COMPLETE_SECONDS, COMPLETE_SECONDS_ELSEWHERE = 90.0, 20.0
ENGINE_SECONDS = 180.0
ASK_SECONDS = 0.2


class Up:
    def __init__(self) -> None:
        self._display = Display()
        self._layout = Layout(settings.DATA_DIR)
        self._supervisor = Supervisor(self._display, mark(settings.DATA_DIR))
        self._host = env.text("HERMES_HOST", "127.0.0.1")
        self._door = Door(self._host, settings.PORT)
        self._address: str | None = None
        self._ended = asyncio.Event()

    async def run(self) -> int:
        """Run until told to end; return the exit status. Raises StackError when it cannot start."""
        with lock(self._layout):
            await asyncio.to_thread(end_leftovers, self._layout.data_dir)
            check_port(self._host, settings.PORT)
            await asyncio.to_thread(check_parts)
            self._listen_for_signals()
            starting = asyncio.create_task(self._start())
            waiting = asyncio.create_task(self._ended.wait())
            try:
                await asyncio.wait([starting, waiting], return_when=asyncio.FIRST_COMPLETED)
                if starting.done():
                    starting.result()
                    await waiting
            finally:
                starting.cancel()
                waiting.cancel()
                await asyncio.gather(starting, waiting, return_exceptions=True)
                self._display.note("Ending …")
                await self._supervisor.stop()
        return 0

    def _listen_for_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # Whoever starts us with nohup wants us to outlive the terminal.
            if signal.getsignal(number) != signal.SIG_IGN:
                loop.add_signal_handler(number, self._end)

    def _end(self) -> None:
        if self._ended.is_set():
            self._supervisor.hurry()
        self._ended.set()

    async def _start(self) -> None:
        self._display.block("Hermes Web is starting.", [f"Its data is in {self._layout.data_dir}."])
        port = engine.take_port(self._layout, leave=settings.PORT) if settings.ENGINE_IS_TRIAL else None
        await _together(self._site(), self._engine(port))
        missing = await self._complete()
        self._display.block(f"Hermes Web is at {settings.PUBLIC_URL}", self._closing(missing))

    async def _site(self) -> None:
        await _together(self._servers(), asyncio.to_thread(collect))
        self._address = await asyncio.to_thread(_settle_accounts)
        await self._services()

    async def _servers(self) -> None:
        await _together(self._postgres(), self._valkey())
        await asyncio.to_thread(_migrate)
        self._display.step("The tables are up to date.")

    async def _postgres(self) -> None:
        if env.secret("DATABASE_URL"):
            self._display.note("Using the database of DATABASE_URL.")
            return
        if opened := await asyncio.to_thread(postgres.prepare, self._layout):
            self._display.note(
                f"Other users may now pass through {', '.join(map(str, opened))}: "
                "PostgreSQL does not run as root and has to reach its files."
            )
        await self._launch(postgres.child(self._layout), lambda: postgres.is_ready(self._layout))
        await asyncio.to_thread(postgres.make_database, self._layout)
        self._display.step("PostgreSQL is ready.")

    async def _valkey(self) -> None:
        if env.secret("REDIS_URL"):
            self._display.note("Using the server of REDIS_URL.")
            return
        await self._launch(valkey.child(self._layout), lambda: valkey.is_ready(self._layout))
        self._display.step("Valkey is ready.")

    async def _engine(self, port: int | None) -> None:
        if port is None:
            self._display.note(f"Using the engine at {settings.ENGINE_URL}.")
            return
        await self._launch(engine.child(port), lambda: engine.is_ready(port), ENGINE_SECONDS)
        self._display.step("The trial model is loaded.")

    async def _services(self) -> None:
        web = services.web(self._host, settings.PORT)
        await _together(
            self._launch(web, self._door.lives),
            self._supervisor.start(services.worker()),
            self._supervisor.start(services.jobs()),
            self._supervisor.start(services.beat(self._layout.data_dir)),
        )
        self._display.step("Web, worker and jobs are running.")

    async def _launch(self, child: Child, ask: Callable[[], bool], timeout: float = 60.0) -> None:
        await self._supervisor.start(replace(child, ready=_in_thread(ask)), timeout=timeout)

    async def _complete(self) -> list[str]:
        """Wait until every part is there, but not for ever; return what is missing, in words."""
        patience = COMPLETE_SECONDS if settings.ENGINE_IS_TRIAL else COMPLETE_SECONDS_ELSEWHERE
        deadline = time.monotonic() + patience
        while missing := await asyncio.to_thread(self._door.missing):
            if time.monotonic() > deadline:
                return [f"{name}: {state}" for name, state in missing.items()]
            await asyncio.sleep(ASK_SECONDS)
        self._display.step("Everything is ready.")
        return []

    def _closing(self, missing: list[str]) -> list[str]:
        lines = []
        if missing:
            lines += ["", "Not everything is there yet; /readyz says when it is:", *(f"  {one}" for one in missing)]
        if self._address:
            lines += ["", "Found the first organization with this link. It works once:", f"  {self._address}"]
        if drawback := without_tls(settings.PUBLIC_URL):
            lines += ["", drawback]
        if settings.ENGINE_IS_TRIAL:
            lines += [
                "",
                "Answers come from a tiny trial model (SmolLM2-135M). Set HERMES_ENGINE_URL to use Hermes 4.",
            ]
        return [*lines, "", "Ctrl-C ends everything."]


async def _together(*steps: Coroutine[Any, Any, None]) -> None:
    """Do steps at once; the first that fails ends the others and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for step in steps:
                group.create_task(step)
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None


def _in_thread(ask: Callable[[], bool]) -> Ready:
    async def ready() -> bool:
        return await asyncio.to_thread(ask)

    return ready


def _migrate() -> None:
    with using_database():
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        check_application_role()


def _settle_accounts() -> str | None:
    with using_database():
        ensure_owner()
        return setup_address()
