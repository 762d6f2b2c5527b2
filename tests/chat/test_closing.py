"""A socket that is closing takes nothing along: no place of its person, no live text of others."""

from __future__ import annotations

import asyncio
import json
import struct
import uuid
from contextlib import AsyncExitStack, suppress
from typing import Any

import aiohttp

from bench.script import prompt_for
from chat.actions.prompts import submit_prompt
from chat.limits import FRAMES_BURST, MESSAGE_CHARACTERS, SOCKETS_PER_USER
from chat.models import Conversation
from tests.cast import Cast
from tests.page import Page, page_of
from tests.rows import in_thread, row_of
from tests.site import Site, wait_until

CLOSE = struct.pack("!H", 1000)


def write_at_once(page: Page, *frames: tuple[aiohttp.WSMsgType, bytes]) -> None:
    """Put frames on the wire in one piece, so that the server reads all of them before it answers one."""
    connection = page.socket._response.connection
    assert connection is not None and connection.transport is not None
    connection.transport.write(b"".join(_frame(kind, payload) for kind, payload in frames))


def _frame(kind: aiohttp.WSMsgType, payload: bytes) -> bytes:
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack("!H", len(payload))
    # The mask of a browser's frame; this one changes nothing.
    return bytes([0x80 | kind]) + size + bytes(4) + payload


def text(**request: Any) -> tuple[aiohttp.WSMsgType, bytes]:
    return aiohttp.WSMsgType.TEXT, json.dumps(request).encode()


async def left_hanging(page: Page) -> None:
    """Wait until the server has given up waiting for the answer to its last word."""
    with suppress(aiohttp.EofStream, aiohttp.ClientError):
        while True:
            await page.socket._reader.read()


async def comes_in(page: Page) -> bool:
    """Open a page; return whether it was given a place rather than told that there are too many."""
    async with page:
        return bool(page.frames[0]["type"] == "ready")


async def test_whoever_goes_on_talking_after_the_servers_last_word_gives_the_place_back(
    site: Site, cast: Cast
) -> None:
    async with AsyncExitStack() as open_pages:
        pages = [
            await open_pages.enter_async_context(await in_thread(page_of, site, cast.bob))
            for _ in range(SOCKETS_PER_USER)
        ]
        for page in pages:
            # A browser that does not close when it is told to.
            page.socket._autoclose = False
            write_at_once(page, *[text(action="ping")] * (FRAMES_BURST * 5))
        for page in pages:
            await page.until(lambda page=page: page.closed_with is not None)  # type: ignore[misc]
            assert page.closed_with == 4429
        await asyncio.gather(*(left_hanging(page) for page in pages))
        # The server hears of a lost connection a moment after us.
        async with asyncio.timeout(30):
            while not await comes_in(await in_thread(page_of, site, cast.bob)):
                pass


async def test_a_page_that_closes_without_reading_on_stops_nobodys_live_text(scripted_site: Site, cast: Cast) -> None:
    big = await in_thread(_big_conversation, cast)
    good = await in_thread(page_of, scripted_site, cast.bob)
    bad = await in_thread(page_of, scripted_site, cast.bob)
    async with good, bad:
        conversation, answer = await good.ask(prompt_for({"tokens": 2400, "rate": 40, "stamp": True}))
        await bad.open(conversation)
        await bad.until(lambda: bool(bad.text(answer)))
        last = await _fill(bad, big)
        await in_thread(_wait_for, last)
        write_at_once(bad, (aiohttp.WSMsgType.CLOSE, CLOSE))
        seen = len(good.text(answer))
        await good.until(lambda: len(good.text(answer)) > seen + 400)
        await bad.drop()
        await good.send(action="stop", generation=good.generations[answer])
        assert await good.ended(answer) == "stopped"
        row = await in_thread(row_of, answer)
        assert good.parts[answer] == row.message.parts


def _big_conversation(cast: Cast) -> str:
    conversation = uuid.uuid4()
    submit_prompt(
        acting=cast.bob,
        conversation_id=conversation,
        message_id=uuid.uuid4(),
        parent_id=None,
        text="x" * MESSAGE_CHARACTERS,
    )
    return str(conversation)


async def _fill(page: Page, conversation: str) -> str:
    """Ask for more than a connection holds and read nothing; return a conversation that is there once it was sent."""
    assert page._reader is not None
    page._reader.cancel()
    last = str(uuid.uuid4())
    opens = [text(action="open", conversation=conversation)] * (FRAMES_BURST - 5)
    send = text(action="send", conversation=last, message=str(uuid.uuid4()), parent=None, text="Done?")
    write_at_once(page, *opens, send)
    return last


def _wait_for(conversation: str) -> None:
    wait_until(lambda: Conversation.objects.filter(id=conversation).exists(), "the last of the frames")
