"""From the printed link to two colleagues who chat with the real model, as they do it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.accessibility import assert_none, barriers, keyboard_barriers
from tests.browser.chat_page import ChatPage
from tests.browser.product import Product
from tests.cast import PASSWORD

MODEL = "smollm2"
ROW = """
SELECT parts::text, model FROM chat_generation JOIN chat_message ON chat_message.id = message_id WHERE message_id = %s
"""


@pytest.fixture
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with Product(tmp_path_factory.mktemp("up")) as product:
        yield product


async def test_a_team_begins_and_chats_with_the_real_model(product: Product, browser: Browser) -> None:
    ada = await (await browser.new_context(reduced_motion="reduce", color_scheme="light")).new_page()
    await assert_welcoming(ada, product.setup_link())
    await set_up(ada, product.setup_link())
    link = await invite(ada)
    grace = await (await browser.new_context()).new_page()
    await join(grace, link)
    await ada.get_by_role("link", name="Back to chat").click()
    first, second = ChatPage(ada), ChatPage(grace)
    prompts = ("Say hello to Ada in one short sentence.", "Name three colours of the rainbow.")
    await asyncio.gather(first.ask(prompts[0]), second.ask(prompts[1]))
    states = await asyncio.gather(first.ended(), second.ended())
    assert set(states) == {"done"}
    for one in (first, second):
        await expect(one.page.locator("#title")).not_to_have_text("New chat", timeout=60_000)
        await assert_as_stored(product, one)
    # Nobody sees the other's conversation.
    assert len(await first.titles()) == len(await second.titles()) == 1
    address = grace.url
    answer = await ada.goto(address)
    assert answer is not None and answer.status == 404


async def assert_welcoming(page: Page, link: str) -> None:
    """Everybody can use the first two pages: the one that names the link, and the one behind it."""
    for url, main in ((re.sub("setup/.*", "", link), "main a"), (link, "button[type=submit]")):
        await page.goto(url)
        assert_none([*await keyboard_barriers(page, main), *await barriers(page)])


async def set_up(page: Page, link: str) -> None:
    """Found the organization with the printed link, which works once."""
    await page.goto(link)
    await page.get_by_label("Organization").fill("Analytical Engines")
    await page.get_by_label("Your name").fill("Ada Lovelace")
    await page.get_by_label("Email").fill("ada@example.com")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Found the organization").click()
    await expect(page).to_have_url(re.compile("/o/analytical-engines/$"))
    await ChatPage(page).connected()
    again = await page.context.request.get(link)
    assert again.status == 410


async def invite(page: Page) -> str:
    """Make an invitation link in the console, on the way that the menu shows."""
    await page.locator(".account summary").click()
    await page.get_by_role("link", name="Organization console").click()
    await page.get_by_role("navigation", name="Organization").get_by_role("link", name="Invitations").click()
    await page.get_by_role("button", name="Make a link").click()
    return await page.get_by_label("Invitation link").input_value()


async def join(page: Page, link: str) -> None:
    """Join as a new person."""
    await page.goto(link)
    await expect(page.get_by_role("heading", name="Join Analytical Engines")).to_be_visible()
    await page.get_by_label("Your name").fill("Grace Hopper")
    await page.get_by_label("Email").fill("grace@example.com")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Join").click()
    await expect(page).to_have_url(re.compile("/o/analytical-engines/$"))
    await ChatPage(page).connected()


async def assert_as_stored(product: Product, chat: ChatPage) -> None:
    """What the page shows is what the row holds, and the real model wrote it."""
    await chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    [(parts, model)] = await asyncio.to_thread(product.ask, ROW, await chat.id_of_answer())
    text = "".join(part["text"] for part in json.loads(parts) if part["type"] == "text")
    assert text and MODEL in model.lower()
    assert await chat.raw() == text
