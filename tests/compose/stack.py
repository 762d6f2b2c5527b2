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
