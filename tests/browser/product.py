"""The product as its user starts it: one command on an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import psycopg

from hermes_web.stack.layout import Layout
from tests.environment import free_port
from tests.site import ROOT, wait_until


class Product:
    """`manage.py up` as a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.layout = Layout(folder)
        self.log = folder / "up.log"
        self._port = free_port()

    def __enter__(self) -> Self:
        settings = {"HERMES_DATA_DIR": str(self.layout.data_dir), "HERMES_PORT": str(self._port)}
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                env={**os.environ, **settings},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_until(self._has_started, "the set-up link", seconds=120)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=60)

    def _has_started(self) -> bool:
        assert self._process.poll() is None, self.log.read_text()
        return self.setup_link() != ""

    def setup_link(self) -> str:
        """Return the one-time link that it printed, or nothing yet."""
        found = re.search(r"http\S+/setup/\S+", self.log.read_text())
        return found[0] if found else ""

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask its database."""
        with psycopg.connect(self.layout.owner_url) as connection:
            return connection.execute(query.encode(), values).fetchall()
