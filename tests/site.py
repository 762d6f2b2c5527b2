"""A real site for tests: each part an operating-system process that can be killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import psycopg
import redis
from django.db import connections

from hermes_web.stack import engine, postgres, services, valkey
from hermes_web.stack.child import Child, identity
from hermes_web.stack.layout import Layout
from tests.environment import free_port

# The machine may be shared.
PATIENCE_SECONDS = 300

ROOT = Path(__file__).parent.parent


class Site:
    """Parts by name: postgres, valkey, engine, worker, web, jobs, scripted."""

    def __init__(self, layout: Layout, port: int) -> None:
        self.layout = layout
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._environment: dict[str, str] = {}
        self._engine = ""
        self.log = layout.data_dir / "site.log"

    # Parts

    def start_postgres(self) -> None:
        postgres.prepare(self.layout)
        self._start(postgres.child(self.layout))
        wait_until(lambda: postgres.is_ready(self.layout), "PostgreSQL")
        forget_pool()

    def start_valkey(self) -> None:
        self._start(valkey.child(self.layout))
        wait_until(lambda: valkey.is_ready(self.layout), "Valkey")
        if "jobs" in self._processes:
            # Celery ends when it loses its broker in the middle of a task; a supervisor starts it again.
            self.kill("jobs")
            self.start_jobs()

    def empty_valkey(self) -> None:
        """Take out what waits there to be done."""
        with redis.Redis(unix_socket_path=str(self.layout.valkey_socket)) as client:
            client.flushall()

    def start_engine(self) -> None:
        port_file = self.layout.engine_port_file
        port = int(port_file.read_text()) if port_file.exists() else engine.take_port(self.layout)
        self._start(engine.child(port))

    def start_own_engine(self, name: str) -> str:
        """Start a second embedded engine, which nobody knows yet; return its address."""
        port = free_port()
        self._start(replace(engine.child(port), name=name))
        wait_until(lambda: engine.is_ready(port), "the second engine", seconds=PATIENCE_SECONDS)
        return f"http://127.0.0.1:{port}"

    def start_scripted_engine(self, port: int) -> str:
        """Start the scripted engine; the worker that starts next uses it."""
        self._spawn("scripted", [sys.executable, "-m", "bench.scripted_engine", "--port", str(port)])
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{address}/v1/models"), "the scripted engine")
        return address

    def use_engine(self, url: str) -> None:
        """Make parts that start from now on use this engine, with little patience; "" is the embedded engine."""
        scripted = {"HERMES_ENGINE_URL": f"{url}/v1", "HERMES_ENGINE_BETWEEN_TOKENS_SECONDS": "5"}
        self._environment = scripted if url else {}
        self._engine = url

    def answer_with(self, url: str) -> None:
        """Have the worker stream from this engine; "" is the embedded one. One that does already goes on."""
        if url != self._engine:
            self.kill("worker", signal.SIGTERM)
            self.use_engine(url)
            self.start_worker()
        self.wait_ready()

    def start_worker(self) -> None:
        self._start(services.worker())

    def start_jobs(self) -> None:
        self._start(services.jobs())

    def start_web(self) -> None:
        self._start(services.web("127.0.0.1", self.port))
        wait_until(lambda: answers(f"{self.url}/healthz"), "web")

    def wait_ready(self) -> None:
        """Wait until every part serves, and the worker that was started last is one of them."""
        wait_until(self._worker_is_ready, "the worker", seconds=180)
        wait_until(lambda: answers(f"{self.url}/readyz"), "the site", seconds=180)

    def wait_unready(self) -> None:
        """Wait until a missing part has been noticed."""
        wait_until(lambda: not answers(f"{self.url}/readyz"), "the notice")

    def _worker_is_ready(self) -> bool:
        # One that has just been ended was ready too; the site's own page believes its last beat for some seconds.
        query = "SELECT 1 FROM chat_workerbeat WHERE process = %s AND (engine->>'ready')::bool"
        with psycopg.connect(self.layout.owner_url) as connection:
            return connection.execute(query, [self.pid("worker")]).fetchone() is not None

    # Faults

    def pid(self, name: str) -> int:
        return self._processes[name].pid

    def send_signal(self, name: str, number: signal.Signals) -> None:
        os.killpg(self._processes[name].pid, number)

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """End a part and wait until it is gone."""
        process = self._processes.pop(name)
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise AssertionError(f"{name} did not end within 60 seconds of {number.name}.") from None

    def restore(self) -> None:
        """Start again what a test has ended, or what has ended by itself: Celery does when Valkey refuses it.

        What a test has held still goes on.
        """
        starters = {
            "postgres": self.start_postgres,
            "valkey": self.start_valkey,
            "engine": self.start_engine,
            "web": self.start_web,
            "worker": self.start_worker,
            "jobs": self.start_jobs,
        }
        for name, start in starters.items():
            if name not in self._processes or self._processes[name].poll() is not None:
                start()
            else:
                self.send_signal(name, signal.SIGCONT)

    def stop(self) -> None:
        """End everything."""
        users = [name for name in self._processes if name not in ("postgres", "valkey")]
        for name in [*users, "valkey", "postgres"]:
            if name in self._processes:
                self.kill(name, signal.SIGQUIT if name == "postgres" else signal.SIGKILL)

    def _start(self, child: Child) -> None:
        self._spawn(child.name, list(child.argv), user=child.user)

    def _spawn(self, name: str, argv: list[str], user: str | None = None) -> None:
        with self.log.open("ab") as log:
            self._processes[name] = subprocess.Popen(
                argv,
                cwd=ROOT,
                env={**os.environ, **self._environment},
                **identity(user),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


def forget_pool() -> None:
    """Have this process connect anew: a pool whose server was away asks it again only after a while."""
    default = cast(Any, connections["default"])
    if default.alias in default._connection_pools:
        default.close_pool()


def answers(url: str) -> bool:
    """Say whether an address answers with 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def wait_until(ask: Callable[[], bool], what: str, *, seconds: float = 120) -> None:
    """Ask until the answer is yes."""
    deadline = time.monotonic() + seconds
    while not ask():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come within {seconds:.0f} seconds.")
        time.sleep(0.05)
