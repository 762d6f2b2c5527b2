"""The compose file, started and looked after as an operator would."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.compose.machine import CannotRun, podman, run, tools

SERVICES = ("postgres", "redis", "engine", "worker", "jobs", "beat", "web")
ONE_SHOTS = ("secrets", "migrate")
LINK = re.compile(r"http://\S+/setup/\S+")


class Stack:
    """The services of one project, in a checkout of its own."""

    def __init__(self, checkout: Path, port: int) -> None:
        self.checkout = checkout
        self.url = f"http://127.0.0.1:{port}"
        self.project = f"hermes-web-test-{os.getpid()}"

    def up(self) -> None:
        """`up`, with nothing but the compose file."""
        self._compose("up", "--detach")

    def down(self, *options: str) -> None:
        self._compose("down", *options)

    def wait_healthy(self, seconds: float = 240) -> None:
        """Wait until the one-shots have ended well and every health check passes."""
        deadline = time.monotonic() + seconds
        for name in ONE_SHOTS:
            self._until(deadline, name, self._ended_well)
        for name in SERVICES:
            self._until(deadline, name, self._is_healthy)

    def setup_link(self) -> str:
        """Return the newest set-up link of the web log."""
        links = LINK.findall(self.logs("web"))
        if not links:
            raise CannotRun(f"The web log holds no set-up link:\n{self.logs('web')}")
        return str(links[-1])

    def logs(self, service: str) -> str:
        return podman("logs", self.container(service))

    def inside(self, service: str, *argv: str) -> str:
        """Run a program in a service's container."""
        return podman("exec", self.container(service), *argv)

    def fails_inside(self, service: str, *argv: str) -> bool:
        """Say whether a program in a service's container fails."""
        done = subprocess.run(
            ["podman", "exec", self.container(service), *argv], capture_output=True, check=False, timeout=60
        )
        return done.returncode != 0

    def container(self, service: str) -> str:
        return f"{self.project}_{service}_1"

    def back_up(self) -> Path:
        """Save the database and the secrets; return the folder."""
        folder = self.checkout / "backup"
        folder.mkdir()
        self._copy_secrets(folder, "tar -C /made -cf /backup/secrets.tar .")
        dump = ["podman", "exec", self.container("postgres"), "pg_dump", "-U", "postgres", "-Fc", "hermes"]
        with (folder / "hermes.dump").open("wb") as file:
            subprocess.run(dump, stdout=file, check=True, timeout=120)
        return folder

    def restore(self, backup: Path) -> None:
        """Bring a backup into an installation that has nothing yet."""
        self._compose("up", "--no-start")
        self._copy_secrets(backup, "tar -C /made -xf /backup/secrets.tar")
        self._compose("up", "--detach", "postgres")
        self._until(time.monotonic() + 60, "postgres", self._is_healthy)
        restore = (
            "exec",
            "--interactive",
            self.container("postgres"),
            "pg_restore",
            "-U",
            "postgres",
            "-d",
            "hermes",
        )
        with (backup / "hermes.dump").open("rb") as file:
            subprocess.run(["podman", *restore], stdin=file, check=True, timeout=120)

    def report(self) -> str:
        """Return the end of every service's log."""
        logs = [
            subprocess.run(
                ["podman", "logs", "--tail", "15", self.container(service)],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                timeout=30,
            ).stdout
            for service in (*ONE_SHOTS, *SERVICES)
        ]
        return "\n".join(f"--- {name}\n{log}" for name, log in zip((*ONE_SHOTS, *SERVICES), logs, strict=True))

    def _copy_secrets(self, folder: Path, command: str) -> None:
        podman(
            *("run", "--rm", "--user", "0", "--network", "none", "--volume", f"{self.project}_secrets:/made"),
            *("--volume", f"{folder}:/backup", "hermes-web", "sh", "-c", command),
        )

    def remove(self) -> None:
        """Remove whatever is left of the project."""
        try:
            self.down("--volumes")
        finally:
            named = ("--filter", f"name=^{self.project}_")
            containers = podman("ps", "--all", "--quiet", *named).split()
            if containers:
                podman("rm", "--force", "--time", "2", *containers)
            if volumes := podman("volume", "ls", "--quiet", *named).split():
                podman("volume", "rm", "--force", *volumes)
            for network in podman("network", "ls", "--quiet", "--filter", f"name={self.project}").split():
                podman("network", "rm", "--force", network)

    def _compose(self, *argv: str) -> None:
        compose = (tools() / "podman-compose", "--podman-path", tools() / "podman-in-order", "-p", self.project)
        run(*compose, *argv, cwd=self.checkout, seconds=300)

    def _until(self, deadline: float, service: str, holds: Callable[[str], bool]) -> None:
        while not holds(service):
            if time.monotonic() > deadline:
                raise CannotRun(f"{service} did not become healthy:\n{self.logs(service)[-3000:]}")
            time.sleep(1)

    def _state(self, service: str) -> dict[str, object]:
        found = json.loads(podman("container", "inspect", self.container(service)))
        return dict(found[0]["State"])

    def _ended_well(self, service: str) -> bool:
        state = self._state(service)
        if state["Status"] == "exited" and state["ExitCode"] != 0:
            raise CannotRun(f"{service} failed:\n{self.logs(service)[-3000:]}")
        return state["Status"] == "exited"

    def _is_healthy(self, service: str) -> bool:
        # No service manager runs podman's timers here.
        asked = ["podman", "healthcheck", "run", self.container(service)]
        return subprocess.run(asked, capture_output=True, check=False, timeout=60).returncode == 0
