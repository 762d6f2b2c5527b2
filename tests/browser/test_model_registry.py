"""The operator's registry of models in a real browser: a server is added, a worker finds out what it is."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone
from playwright.async_api import Browser, BrowserContext, expect

from accounts.models import User
from inference.models import ChatModel, Endpoint
from tests.browser.accessibility import DESKTOP, PHONE
from tests.browser.breaches import breaches
from tests.cast import person, sign_in
from tests.rows import in_thread
from tests.site import ROOT, Site, wait_until

PICTURES = ROOT / "tests/artifacts"
IS_TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
async def context(browser: Browser, scripted_site: Site) -> AsyncIterator[BrowserContext]:
    """A browser in which an operator is signed in."""
    operator: User = await in_thread(person, "Olga", is_superuser=True, is_staff=True)
    context = await browser.new_context(reduced_motion="reduce", color_scheme="light", viewport=DESKTOP)
    key = await in_thread(sign_in, operator)
    await context.add_cookies([{"name": "session", "value": key, "url": scripted_site.url}])
    yield context
    await context.close()


def is_found_out(name: str) -> bool:
    try:
        return bool(Endpoint.objects.get(chat_model__name=name).discovered)
    finally:
        connections.close_all()


def remove(name: str) -> None:
    ChatModel.objects.filter(name=name).update(removed_at=timezone.now())


async def test_a_server_is_added_and_found_out(context: BrowserContext, scripted_site: Site, scripted: str) -> None:
    name = f"Hermes 4 70B {uuid.uuid4().hex[:6]}"
    page = await context.new_page()
    told = await breaches(page)
    await page.goto(scripted_site.url + reverse("admin:inference_chatmodel_add"))
    await page.locator("#id_name").fill(name)
    await page.locator("#id_description").fill("For long thoughts.")
    await page.locator("#id_for_everyone").uncheck()
    await page.get_by_text("Add another server", exact=False).click(timeout=5_000)
    await page.locator("#id_endpoints-0-address").fill(f"{scripted}/v1/")
    await page.locator("#id_endpoints-0-new_key").fill("sk-a-key")
    await page.screenshot(path=PICTURES / "registry-new.png", full_page=True)
    await page.get_by_role("button", name="Save and continue editing").click()
    try:
        await expect(page.locator("#id_endpoints-0-address")).to_have_value(f"{scripted}/v1")
        await expect(page.locator("body")).to_contain_text("A key is set.")
        assert await page.locator("#id_endpoints-0-new_key").input_value() == ""

        await asyncio.to_thread(wait_until, lambda: is_found_out(name), "the discovery")
        await page.reload()
        await expect(page.locator("body")).to_contain_text("Model: scripted")
        await expect(page.locator("body")).to_contain_text("Answers. Looked at just now.")
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            await page.reload()
            assert not await page.evaluate(IS_TOO_WIDE)
            await page.screenshot(path=PICTURES / f"registry-model-{scheme}.png", full_page=True)
        await page.set_viewport_size(PHONE)
        assert not await page.evaluate(IS_TOO_WIDE)
        await page.screenshot(path=PICTURES / "registry-model-phone.png", full_page=True)
        await page.set_viewport_size(DESKTOP)
        await page.goto(scripted_site.url + reverse("admin:inference_chatmodel_changelist"))
        await expect(page.get_by_role("row", name=name)).to_contain_text("Answers")
        await page.screenshot(path=PICTURES / "registry-list-dark.png", full_page=True)
        assert told == []
    finally:
        await in_thread(remove, name)
