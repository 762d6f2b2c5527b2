"""`manage.py up` as an operator meets it: a data folder, a port, the terminal, the processes behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.environment import free_port
from tests.site import ROOT, wait_until

# What tells a process of the stack from the others, in its command line.
SIGNS = {
    "postgres": ("bin/postgres",),
    "valkey": ("valkey-server",),
    "engine": ("run_engine",),
    "web": ("daphne",),
    "worker": ("run_worker",),
    "jobs": ("celery", "--pool"),
    "beat": ("celery", "--schedule"),
    "supervisor": ("manage.py", "up"),
}
LAST_LINE = "Ctrl-C ends everything."


@contextmanager
def installation(*, python: str = sys.executable, **environment: str) -> Iterator[Installation]:
    """A fresh installation that leaves nothing behind."""
    with TemporaryDirectory(prefix="hermes-up-", ignore_cleanup_errors=True) as folder:
        made = Installation(Path(folder), environment, python)
        try:
            yield made
        finally:
            made.kill_everything()


class Installation:
    """One data folder. `python` runs the command, with `environment` on top of the tests' own."""

    def __init__(self, folder: Path, environment: Mapping[str, str], python: str) -> None:
        self.data = folder / "data"
        self._folder = folder
        self._python = python
        self._environment = {"HERMES_DATA_DIR": str(self.data), "HERMES_PORT": str(free_port()), **environment}
        self.url = f"http://localhost:{self._environment['HERMES_PORT']}"
        self._process: subprocess.Popen[bytes] | None = None

    # The command

    def start(self) -> None:
        """Start the command, from a folder that is not the project's."""
        with (self._folder / "out").open("wb") as out, (self._folder / "err").open("wb") as err:
            self._process = subprocess.Popen(
                [self._python, str(ROOT / "manage.py"), "up"],
                cwd=self._folder,
                env={**os.environ, **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    def started(self) -> str:
        """Wait until the start is over and return what it showed."""
        self.until_shown(LAST_LINE)
        return self.shown()

    def until_shown(self, words: str) -> None:
        """Wait until the terminal shows some words."""
        assert self._process is not None
        process = self._process
        wait_until(lambda: words in self.shown() or process.poll() is not None, words, seconds=180)
        assert words in self.shown(), self.shown() + self.complaint()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def shown(self) -> str:
        """Return what the command has written to the terminal since it started."""
        return (self._folder / "out").read_text()

    def complaint(self) -> str:
        """Return what the command has written to its standard error."""
        return (self._folder / "err").read_text()

    def status(self) -> int:
        """Wait until the command has ended and return its exit status."""
        assert self._process is not None
        return self._process.wait(timeout=120)

    def end(self, number: signal.Signals) -> float:
        """Send a signal to the command; return the seconds it took to end."""
        assert self._process is not None
        began = time.monotonic()
        self._process.send_signal(number)
        self._process.wait(timeout=30)
        return time.monotonic() - began

    def kill_everything(self) -> None:
        """Kill every process at once, the supervisor too."""
        while left := self.processes():
            for process in left:
                _kill(process)
            if self._process is not None:
                self._process.wait(timeout=10)
            time.sleep(0.02)

    # The processes

    def processes(self) -> dict[int, str]:
        """Return every process that has to do with the data folder, with its command line."""
        ours = os.fsencode(self.data)
        found = [one for one in Path("/proc").iterdir() if one.name.isdigit() and _belongs(one, ours)]
        return {int(one.name): words for one in found if (words := _words(one))}

    def process(self, part: str) -> int:
        """Return the id of a part's process, or 0 while there is none."""
        signs = SIGNS[part]
        # PostgreSQL's own children have other command lines; only the first process names its program.
        return next((one for one, words in self.processes().items() if all(sign in words for sign in signs)), 0)

    def kill(self, part: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to a part."""
        os.kill(self.process(part), number)

    # The site

    def missing(self) -> dict[str, str]:
        """Return what /readyz says is not there; nothing when all is."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=30) as answer:
                assert json.load(answer)["ready"] is True
                return {}
        except urllib.error.HTTPError as refused:
            assert refused.code == 503
            return {name: state for name, state in json.load(refused).items() if state not in ("ok", False)}
        except OSError:
            return {"web": "does not answer"}


def _belongs(process: Path, folder: bytes) -> bool:
    try:
        known = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
        return folder in known or os.readlink(os.fsencode(process / "cwd")).startswith(folder)
    except OSError:
        return False


def _words(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return
