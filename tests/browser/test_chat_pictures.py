"""What is new on the conversation page, photographed: for eyes, and that nothing is wider than the page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from bench.script import prompt_for
from tests.browser.chat_page import ChatPage, enter
from tests.browser.choosing import EFFORT, FORMAT, PICKER, choose, open_menu
from tests.browser.offers import Offers, make_offers
from tests.cast import Cast
from tests.rows import in_thread
from tests.site import ROOT, Site

PICTURES = ROOT / "tests/artifacts"
INVOICE = {
    "number": "2026-1107",
    "customer": {"name": "Nordlicht GmbH", "country": "DE"},
    "lines": [
        {"item": "Licence", "count": 12, "price": 240.0},
        {"item": "Support", "count": 1, "price": 900.0},
    ],
    "paid": False,
}
LOOKS: dict[str, dict[str, Any]] = {
    "1280-light": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "light"},
    "1280-dark": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "dark"},
    "390-light": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}


@pytest.fixture
async def offers(cast: Cast, scripted: str) -> Offers:
    return await in_thread(make_offers, cast, scripted)


@pytest.mark.parametrize("look", list(LOOKS))
async def test_choosing_thinking_and_results(
    scripted_site: Site, cast: Cast, offers: Offers, browser: Browser, look: str
) -> None:
    context = await browser.new_context(reduced_motion="reduce", **LOOKS[look])
    await enter(context, scripted_site, cast.bob)
    chat = ChatPage(await context.new_page())
    await chat.open(f"{scripted_site.url}/o/{cast.organization.slug}/")
    await photograph(chat.page, f"chat-new-{look}", PICKER)
    await choose(chat.page, PICKER, offers.large.name)
    await photograph(chat.page, f"chat-effort-{look}", EFFORT)
    await choose(chat.page, EFFORT, "Low")
    await chat.ask(prompt_for({"reasoning": 400, "tokens": 40, "rate": 80}))
    await expect(chat.answers.last).to_contain_text("of 1,024 tokens")
    await photograph(chat.page, f"chat-thinking-{look}")
    await chat.ended()
    await choose(chat.page, FORMAT, "Invoice")
    await chat.ask(prompt_for({"text": json.dumps(INVOICE)}))
    await chat.ended()
    await expect(chat.answers.last.get_by_role("tree")).to_be_visible()
    await photograph(chat.page, f"chat-json-{look}")
    await chat.answers.last.get_by_label("More for this answer").click()
    await chat.page.get_by_role("button", name="Details").click()
    await expect(chat.page.get_by_role("dialog", name="How this answer was made")).to_contain_text(offers.large.name)
    await photograph(chat.page, f"chat-details-{look}")
    await context.close()


async def photograph(page: Page, name: str, menu: str = "") -> None:
    if menu:
        await open_menu(page, menu)
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / f"{name}.png")
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0, f"{name}: the page is {wide} pixels too wide"
    if menu:
        await page.keyboard.press("Escape")
