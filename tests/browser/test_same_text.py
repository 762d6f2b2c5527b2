"""However a page came to an answer, it shows the same text, and it is the row's."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, expect

from tests.browser.chat_page import ChatPage, enter
from tests.browser.scripts import script
from tests.browser.sockets import drop_sockets, remember_sockets
from tests.browser.tides import TIDES
from tests.cast import Cast
from tests.rows import in_thread, row_of
from tests.site import Site


@pytest.fixture
async def desk(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    await remember_sockets(context)
    yield context
    await context.close()


@pytest.fixture
async def phone(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(
        viewport={"width": 390, "height": 844},
        is_mobile=True,
        has_touch=True,
        permissions=["clipboard-read", "clipboard-write"],
    )
    await remember_sockets(context)
    yield context
    await context.close()


async def test_every_page_shows_the_same_bytes(
    scripted_site: Site, cast: Cast, desk: BrowserContext, phone: BrowserContext
) -> None:
    for context in (desk, phone):
        await enter(context, scripted_site, cast.bob)
    first, second, small, dropped = [ChatPage(await context.new_page()) for context in (desk, desk, phone, desk)]
    await first.open(f"{scripted_site.url}/o/{cast.organization.slug}/")
    await first.ask(script(text=TIDES, rate=6, reasoning=8))
    await first.page.wait_for_url("**/c/*/")
    await first.shows(60)
    for one in (dropped, second, small):
        await one.open(first.page.url)
    await drop_sockets(dropped.page)
    await first.page.reload()
    await first.shows(120)
    # Without a network for a while: what was shown stays, and the rest comes by itself.
    await small.shows(160)
    await phone.set_offline(True)
    await drop_sockets(small.page)
    await expect(small.link_state).to_have_text("You are offline")
    before = await small.words()
    await first.shows(len(before) + 120)
    assert await small.words() == before
    await phone.set_offline(False)
    pages = (first, second, small, dropped)
    assert {await one.ended() for one in pages} == {"done"}
    row = await in_thread(row_of, await first.id_of_answer())
    assert row.message.parts[-1]["text"] == TIDES
    for one in pages:
        assert await one.raw() == TIDES
    assert len({digest(await one.words()) for one in pages}) == 1


async def test_a_killed_web_process_is_told_and_the_page_comes_back_by_itself(
    scripted_site: Site, cast: Cast, desk: BrowserContext
) -> None:
    await enter(desk, scripted_site, cast.bob)
    chat = ChatPage(await desk.new_page())
    await chat.open(f"{scripted_site.url}/o/{cast.organization.slug}/")
    await chat.ask(script(text=TIDES * 2, rate=60))
    await chat.shows(60)
    scripted_site.kill("web")
    await expect(chat.link_state).to_have_text("Reconnecting…")
    shown = await chat.words()
    await in_thread(scripted_site.start_web)
    await chat.connected()
    await expect(chat.link_state).to_be_hidden()
    assert len(shown) > 60
    assert await chat.ended() == "done"
    row = await in_thread(row_of, await chat.id_of_answer())
    assert row.message.parts[0]["text"] == TIDES * 2
    assert await chat.raw() == TIDES * 2


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
