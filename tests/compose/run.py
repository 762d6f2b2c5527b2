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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.compose.images import build_bases, build_product
from tests.compose.machine import CannotRun, configure_podman, enter_namespace, export, install_tools
from tests.compose.owner import Owner
from tests.compose.stack import Stack
from tests.environment import free_port
from tests.page import Page
from tests.reader import Frame

ROOT = Path(__file__).parent.parent.parent
QUESTION = "What is the capital of France? Answer in one sentence."
ANCHORS = "/srv/anchors/audit.jsonl"
LONG_STORY = "Tell a long story about a lighthouse keeper and a storm."


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the page showed: the answers of a conversation, and the one that it ends with."""

    conversation: str
    last: str
    parts: Mapping[str, list[Frame]]


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
        is_told = False
        try:
            asyncio.run(story(stack))
            is_told = True
        finally:
            if not is_told:
                print(stack.report(), flush=True)
            with step("Everything is removed"):
                stack.remove()


async def story(stack: Stack) -> None:
    """Start, chat, end, start again, lose everything, restore it, and find everything each time."""
    with step("It is up and healthy"):
        await asyncio.to_thread(start, stack)
    check_confinement(stack)
    with step("The owner founds the organization with the link of the web log"):
        await Owner(stack.url).found(stack.setup_link())
    with step("The owner signs in and chats stream from the packaged model"):
        seen = await chat(stack.url)
    with step("Jobs make a file that the web takes; the audit record is anchored outside the database"):
        await govern(stack)
    with step("It is down"):
        await asyncio.to_thread(stack.down)
    with step("It is up and healthy again"):
        await asyncio.to_thread(start, stack)
    with step("Everything is still there, and the chat goes on"):
        await chat_on(stack.url, seen)
    with step("A backup is made, all volumes are removed, and the backup is restored"):
        await asyncio.to_thread(lose_and_restore, stack)
    with step("Everything is there again, and the chat goes on"):
        await chat_on(stack.url, seen)


def lose_and_restore(stack: Stack) -> None:
    """Do what docs/deployment.md says about backups."""
    backup = stack.back_up()
    stack.down("--volumes")
    stack.restore(backup)
    start(stack)


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


async def chat(url: str) -> Seen:
    """Sign in and ask twice: one answer to its end, one watched while it grows and stopped."""
    owner = Owner(url)
    await owner.sign_in()
    assert "Trial model" in await owner.chat_page(), "the page does not say that the model is for trying only"
    async with owner.page() as page:
        conversation, answer = await page.ask(QUESTION)
        await page.open(conversation)
        assert await page.ended(answer, 90) == "done"
        assert page.text(answer)
        _, story = await page.ask(LONG_STORY, conversation=conversation, parent=answer)
        await see_growing(page, story)
        await page.send(action="stop", generation=page.generations[story])
        assert await page.ended(story) in ("stopped", "done")
        return Seen(conversation=conversation, last=story, parts={one: page.parts[one] for one in (answer, story)})


async def govern(stack: Stack) -> None:
    """Take an export through the volume that two services share, and verify the record by its anchors."""
    owner = Owner(stack.url)
    await owner.sign_in()
    assert any(name.endswith(".md") for name in await owner.export())
    async with asyncio.timeout(90):
        while stack.fails_inside("worker", "test", "-s", ANCHORS):
            await asyncio.sleep(0.5)
    print(stack.inside("worker", "python", "manage.py", "audit", "verify"), end="")


async def see_growing(page: Page, answer: str, times: int = 5) -> None:
    """Wait until an answer has grown some times, each by a frame of its own."""
    for _ in range(times):
        before = len(page.text(answer))
        await page.until(lambda before=before: len(page.text(answer)) > before, 60)  # type: ignore[misc]


async def chat_on(url: str, seen: Seen) -> None:
    """Sign in again, find the old answers byte for byte, and get another one."""
    owner = Owner(url)
    await owner.sign_in()
    async with owner.page() as page:
        await page.open(seen.conversation)
        assert {one: page.parts[one] for one in seen.parts} == seen.parts
        _, answer = await page.ask(QUESTION, conversation=seen.conversation, parent=seen.last)
        assert await page.ended(answer, 90) == "done"
        assert page.text(answer)


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
