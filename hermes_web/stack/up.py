"""`manage.py up`: start everything in order, say when it is ready, end everything on Ctrl-C."""

from __future__ import annotations

import asyncio
import fcntl
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from typing import IO

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from accounts.setup import ensure_owner, setup_address
from hermes_web import environment as env
from hermes_web.stack import engine, postgres, services, valkey
from hermes_web.stack.child import Child
from hermes_web.stack.display import Display
from hermes_web.stack.errors import AlreadyRunning, PortTaken, StackError
from hermes_web.stack.layout import Layout
from hermes_web.stack.static_files import collect
from hermes_web.stack.supervisor import Supervisor

READY_SECONDS = 90.0


class Up:
    def __init__(self) -> None:
        self._display = Display()
        self._layout = Layout(settings.DATA_DIR)
        self._supervisor = Supervisor(self._display)
        self._host = env.text("HERMES_HOST", "127.0.0.1")
        self._ended = asyncio.Event()

    async def run(self) -> int:
        """Run until told to end; return the exit status. Raises StackError when it cannot start."""
        lock = _lock(self._layout)
        _check_port(self._host, settings.PORT)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._end)
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
            self._display.step("Ending …")
            await self._supervisor.stop()
            lock.close()
        return 0

    def _end(self) -> None:
        if self._ended.is_set():
            self._supervisor.hurry()
        self._ended.set()

    async def _start(self) -> None:
        self._display.block([f"Hermes Web is starting. Its data is in {self._layout.data_dir}."])
        started = await asyncio.gather(
            self._servers(), self._engine(), asyncio.to_thread(collect), return_exceptions=True
        )
        for result in started:
            if isinstance(result, BaseException):
                raise result
        address = await asyncio.to_thread(_settle_accounts)
        await self._services()
        self._display.block(self._closing(address))

    async def _servers(self) -> None:
        await asyncio.gather(self._postgres(), self._valkey())
        await asyncio.to_thread(_migrate)
        self._display.step("The tables are up to date.")

    async def _postgres(self) -> None:
        if env.secret("DATABASE_URL"):
            self._display.step("Using the database of DATABASE_URL.")
            return
        await asyncio.to_thread(postgres.prepare, self._layout)
        await self._supervisor.start(_with_ready(postgres.child(self._layout), postgres.is_ready, self._layout))
        await asyncio.to_thread(postgres.make_database, self._layout)
        self._display.step("PostgreSQL is ready.")

    async def _valkey(self) -> None:
        if env.secret("REDIS_URL"):
            self._display.step("Using the server of REDIS_URL.")
            return
        await self._supervisor.start(_with_ready(valkey.child(self._layout), valkey.is_ready, self._layout))
        self._display.step("Valkey is ready.")

    async def _engine(self) -> None:
        if not settings.ENGINE_IS_TRIAL:
            self._display.step(f"Using the engine at {settings.ENGINE_URL}.")
            return
        port = engine.take_port(self._layout)
        await self._supervisor.start(engine.child(port))
        self._display.step("The trial model is loading.")

    async def _services(self) -> None:
        address = f"http://{_reachable(self._host)}:{settings.PORT}/readyz"

        async def ready() -> bool:
            return await asyncio.to_thread(_answers, address)

        await asyncio.gather(
            self._supervisor.start(services.worker()),
            self._supervisor.start(services.web(self._host, settings.PORT, ready), timeout=READY_SECONDS),
            self._supervisor.start(services.jobs()),
            self._supervisor.start(services.beat(self._layout.data_dir)),
        )
        self._display.step("Everything is ready.")

    def _closing(self, setup: str | None) -> list[str]:
        lines = [f"Hermes Web is at {settings.PUBLIC_URL}"]
        if setup:
            lines += ["", "Found the first organization with this link. It works once:", f"  {setup}"]
        if settings.ENGINE_IS_TRIAL:
            lines += [
                "",
                "Answers come from a tiny trial model (SmolLM2-135M). Set HERMES_ENGINE_URL to use Hermes 4.",
            ]
        return [*lines, "", "Ctrl-C ends everything."]


def _lock(layout: Layout) -> IO[str]:
    try:
        layout.data_dir.mkdir(parents=True, exist_ok=True)
        lock = layout.lock_file.open("w")
    except OSError as error:
        raise StackError(
            f"The data folder {layout.data_dir} cannot be written ({error.strerror}): "
            "change its owner or set HERMES_DATA_DIR."
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise AlreadyRunning(
            f"It is running already on {layout.data_dir}: end the other one, or set HERMES_DATA_DIR."
        ) from None
    return lock


def _check_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise PortTaken(
                f"Port {port} on {host} is taken: end what listens there, or set HERMES_PORT to another port."
            ) from None


def _with_ready(child: Child, ask: Callable[[Layout], bool], layout: Layout) -> Child:
    async def ready() -> bool:
        return await asyncio.to_thread(ask, layout)

    return replace(child, ready=ready)


def _migrate() -> None:
    try:
        call_command("migrate", database="owner", verbosity=0, interactive=False)
    finally:
        connections.close_all()


def _settle_accounts() -> str | None:
    try:
        ensure_owner()
        return setup_address()
    finally:
        connections.close_all()


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
