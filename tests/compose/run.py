"""`make test-compose`: build the images, start the compose file by plain `up`, chat, end it, start it again.

Needs root and podman on Debian; installs what is missing. Nothing but loopback is listened on, and everything
that was started is removed at the end. Images stay in the cache for the next run.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.compose.images import build_bases, build_product
from tests.compose.machine import CannotRun, configure_podman, enter_namespace, export, install_tools
from tests.compose.owner import Owner
from tests.compose.stack import Stack
from tests.environment import free_port
from tests.reader import Frame

ROOT = Path(__file__).parent.parent.parent
QUESTION = "Write a few sentences about rivers."


def main() -> None:
    """Run the whole story."""
    enter_namespace("tests.compose.run")
    configure_podman()
    for name in [name for name in os.environ if name.startswith(("HERMES_", "COMPOSE_"))]:
        del os.environ[name]
    with step("Tools are installed"):
        install_tools()
    with step("Stand-ins of the base images are built"):
        build_bases()
    with tempfile.TemporaryDirectory(prefix="hermes-compose-") as folder:
        export(ROOT, Path(folder))
        with step("The Dockerfile is built"):
            build_product(Path(folder))
        port = free_port()
        # The only setting: the usual port may be taken here.
        os.environ["HERMES_PORT"] = str(port)
        stack = Stack(Path(folder), port)
        try:
            asyncio.run(story(stack))
        finally:
            with step("Everything is removed"):
                stack.remove()


async def story(stack: Stack) -> None:
    """Start, chat, end, start again, and find everything."""
    with step("It is up and healthy"):
        await asyncio.to_thread(start, stack)
    check_confinement(stack)
    with step("The owner founds the organization with the link of the web log"):
        await Owner(stack.url).found(stack.setup_link())
    with step("The owner signs in and a chat streams from the packaged model"):
        conversation, answer, parts = await chat(stack.url)
    with step("It is down"):
        await asyncio.to_thread(stack.down)
    with step("It is up and healthy again"):
        await asyncio.to_thread(start, stack)
    with step("Everything is still there, and the chat goes on"):
        await chat_on(stack.url, conversation, answer, parts)


def start(stack: Stack) -> None:
    stack.up()
    stack.wait_healthy()


def check_confinement(stack: Stack) -> None:
    """Check what the compose file promises about each container."""
    for service in ("web", "worker", "jobs", "beat", "engine"):
        assert stack.inside(service, "id", "-u").strip() == "10001", service
        assert stack.fails_inside(service, "touch", "/srv/hermes/x"), f"{service} can write its own program"
    secrets = set(stack.inside("web", "ls", "/run/hermes").split())
    assert secrets == {"DATABASE_URL", "HERMES_ENGINE_API_KEY", "HERMES_SECRET_KEY", "REDIS_URL"}, secrets
    assert stack.fails_inside("engine", "ls", "/run/hermes/key")
    assert not stack.fails_inside("worker", *resolves("engine"))
    assert stack.fails_inside("web", *resolves("engine")), "web is on the engine's network"
    assert stack.fails_inside("engine", *resolves("postgres")), "the engine is on the database's network"


def resolves(name: str) -> tuple[str, ...]:
    """Return a program that fails when a name is unknown."""
    return ("python", "-c", f"import socket; socket.getaddrinfo({name!r}, 80)")


async def chat(url: str) -> tuple[str, str, list[Frame]]:
    """Sign in, ask, and watch the answer arrive; return what the page showed."""
    owner = Owner(url)
    await owner.sign_in()
    shown = await owner.chat_page()
    async with owner.page() as page:
        conversation, answer = await page.ask(QUESTION)
        await page.open(conversation)
        await page.until(lambda: bool(page.text(answer)), 60)
        first = page.text(answer)
        assert await page.ended(answer, 120) == "done"
        assert len(page.text(answer)) > len(first) > 0, "the answer did not stream"
        assert "Trial model" in shown, "the page does not say that the model is for trying only"
        return conversation, answer, page.parts[answer]


async def chat_on(url: str, conversation: str, answer: str, parts: list[Frame]) -> None:
    """Sign in again, find the old answer byte for byte, and get another one."""
    owner = Owner(url)
    await owner.sign_in()
    async with owner.page() as page:
        await page.open(conversation)
        assert page.parts[answer] == parts
        _, second = await page.ask("And about lakes?", conversation=conversation, parent=answer)
        assert await page.ended(second, 120) == "done"
        assert page.text(second)


@contextmanager
def step(words: str) -> Iterator[None]:
    """Say what was done and how long it took."""
    began = time.monotonic()
    yield
    print(f"{time.monotonic() - began:7.1f} s  {words}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except CannotRun as error:
        sys.exit(f"make test-compose: {error}")
