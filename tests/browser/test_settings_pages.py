"""The console's settings in a real browser: by keyboard, on a phone, in the dark."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from django.urls import reverse
from playwright.async_api import Browser, BrowserContext, expect

from accounts.actions.branding import BrandingDraft, change_branding
from tests.browser.accessibility import DESKTOP, assert_none, barriers, keyboard_barriers
from tests.browser.breaches import breaches
from tests.browser.chat_page import enter
from tests.browser.console_page import address
from tests.browser.pictures import PICTURES, photograph
from tests.cast import Cast
from tests.rows import in_thread
from tests.site import Site


@pytest.fixture
async def alice(scripted_site: Site, cast: Cast, browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(reduced_motion="reduce", color_scheme="light", viewport=DESKTOP)
    await enter(context, scripted_site, cast.alice)
    yield context
    await context.close()


async def test_a_setting_is_found_and_changed_by_keyboard(
    alice: BrowserContext, scripted_site: Site, cast: Cast
) -> None:
    page = await alice.new_page()
    told = await breaches(page)
    await page.goto(address(scripted_site, cast, "home"))
    await page.keyboard.press("/")
    await expect(page.locator("#find")).to_be_focused()
    await page.keyboard.type("welc")
    await expect(page.locator("#found")).to_contain_text("A sentence above an empty chat.")
    await page.screenshot(path=PICTURES / "console-find-desk.png")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(address(scripted_site, cast, "organization") + "#id_welcome")
    await page.locator("#id_welcome").fill("Be kind.")
    await page.get_by_label("Violet").check()
    await page.get_by_role("button", name="Save").press("Enter")
    await expect(page.locator(".message-line")).to_contain_text("Saved")
    await expect(page.locator("html")).to_have_attribute("data-accent", "violet")
    await page.locator("#id_welcome").press("/")
    await expect(page.locator("#id_welcome")).to_be_focused()
    assert not told


@pytest.mark.parametrize(
    ("name", "main"),
    [
        ("settings", ".places a"),
        ("organization", ".save-row button"),
        ("sign-in", ".save-row button"),
    ],
)
async def test_everybody_can_use_the_settings(
    alice: BrowserContext, scripted_site: Site, cast: Cast, name: str, main: str
) -> None:
    page = await alice.new_page()
    await page.goto(address(scripted_site, cast, name))
    assert_none([*await barriers(page), *await keyboard_barriers(page, main)])
    await photograph(page, f"settings-{name}")


async def test_an_accent_leaves_the_chat_readable(alice: BrowserContext, scripted_site: Site, cast: Cast) -> None:
    draft = BrandingDraft(name=cast.organization.name, title="Acme Chat", welcome="Be kind.", accent="bronze")
    await in_thread(lambda: change_branding(acting=cast.alice, version=0, draft=draft))
    page = await alice.new_page()
    await page.goto(f"{scripted_site.url}{reverse('chat:home', args=[cast.organization.slug])}")
    await expect(page.locator("#empty")).to_contain_text("Be kind.")
    assert_none(await barriers(page))
    await page.screenshot(path=PICTURES / "chat-branding-1280-light.png")
    await page.emulate_media(color_scheme="dark")
    await page.screenshot(path=PICTURES / "chat-branding-1280-dark.png")
