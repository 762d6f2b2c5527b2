"""The operator's engine panel, live: a real worker looks at an engine, a real browser shows what it found."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from django.urls import reverse
from playwright.async_api import Browser, BrowserContext, Page, expect

from accounts.models import User
from inference.models import Endpoint
from tests.browser.accessibility import DESKTOP, PHONE, axe
from tests.browser.breaches import breaches
from tests.cast import person, sign_in
from tests.inference.load_record import record
from tests.rows import in_thread
from tests.site import ROOT, Site

PICTURES = ROOT / "tests/artifacts"
RUN = """
async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const { violations } = await axe.run("#engine-load", { resultTypes: ["violations"] });
  const told = (node) => `${node.html.slice(0, 120)} (${node.any[0]?.message ?? ""})`;
  return violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map(told).join(" | ")}`);
}
"""
IS_TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
INK = """
() => {
  const canvas = document.querySelector(".tile-chart canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value) => value > 0);
}
"""


@pytest.fixture
async def context(browser: Browser, scripted_site: Site) -> AsyncIterator[BrowserContext]:
    """A browser in which an operator is signed in."""
    operator: User = await in_thread(person, "Olga", is_superuser=True, is_staff=True)
    context = await browser.new_context(reduced_motion="reduce", color_scheme="light", viewport=DESKTOP)
    key = await in_thread(sign_in, operator)
    await context.add_cookies([{"name": "session", "value": key, "url": scripted_site.url}])
    yield context
    await context.close()


async def opened(context: BrowserContext, site: Site) -> Page:
    page = await context.new_page()
    await page.goto(site.url + reverse("admin:engine_load"))
    return page


def tile(title: str, number: str) -> str:
    return f"figure:has(figcaption:text('{title}')) .tile-number:has(dt:text-is('{number}')) .value"


async def press(engine: str, **pressure: float) -> None:
    async with aiohttp.ClientSession() as session:
        await session.post(f"{engine}/_pressure", json=pressure)


async def chat(session: aiohttp.ClientSession, engine: str) -> None:
    words = '{"tokens": 200, "rate": 100}'
    body = {"model": "scripted", "stream": True, "messages": [{"role": "user", "content": words}]}
    async with session.post(f"{engine}/v1/chat/completions", json=body) as answer:
        await answer.read()


async def test_an_operator_sees_the_load_as_it_comes(
    scripted_site: Site, scripted: str, context: BrowserContext
) -> None:
    page = await opened(context, scripted_site)
    found = await breaches(page)
    await page.reload()
    card = page.get_by_role("article", name="scripted")
    await expect(card.locator(".engine-state")).to_contain_text("Up since")
    # The embedded engine, which may have been there before, does not tell this: a counter rises from a first look on.
    await expect(page.locator(tile("KV cache", "Now"))).to_have_text("0%")
    await press(scripted, num_requests_waiting=7, kv_cache_usage_perc=0.96, num_preemptions_total=3)
    await expect(page.locator(tile("Requests", "Waiting"))).to_have_text("7")
    await expect(page.locator(tile("KV cache", "Now"))).to_have_text("96%")
    await expect(page.locator(tile("Preemptions", "Preempted"))).to_have_text("3")
    for words in ("The queue is long: 7 wait", "3 preemptions in the last minute", "nearly full: 96%"):
        await expect(card.get_by_role("listitem").filter(has_text=words)).to_be_visible()
    async with aiohttp.ClientSession() as session:
        await chat(session, scripted)
    await expect(page.locator(tile("Answer tokens", "Now"))).not_to_have_text("0")
    await expect(page.locator(tile("Time to first token", "p95"))).to_contain_text("ms")
    await expect(page.locator(tile("Time between tokens", "Mean"))).to_contain_text("ms")
    assert await page.evaluate(INK)
    await page.screenshot(path=PICTURES / "engine-load-warnings.png", full_page=True)
    assert found == []


async def test_it_says_since_when_an_engine_is_down(
    scripted_site: Site, scripted: str, context: BrowserContext
) -> None:
    page = await opened(context, scripted_site)
    state = page.get_by_role("article", name="scripted").locator(".engine-state")
    await expect(state).to_contain_text("Up since")
    await in_thread(Endpoint.objects.filter(from_environment=True).update, base_url="http://127.0.0.1:9/v1")
    try:
        await expect(state).to_contain_text("Down since")
        await expect(page.get_by_text("The engine does not answer")).to_be_visible()
        await expect(page.locator("#load-summary")).to_have_text("The engine is not up.")
    finally:
        await in_thread(Endpoint.objects.filter(from_environment=True).update, base_url=f"{scripted}/v1")
    await expect(state).to_contain_text("Up since")


async def test_it_says_when_there_are_no_figures(scripted_site: Site, context: BrowserContext) -> None:
    page = await opened(context, scripted_site)
    await expect(page.get_by_role("article")).to_have_count(1)
    await page.route("**/figures/**", lambda route: route.abort())
    await expect(page.get_by_role("alert")).to_contain_text("The site cannot be reached")
    told = {"now": 1, "problem": "Valkey cannot be reached.", "engines": []}
    await page.unroute("**/figures/**")
    await page.route("**/figures/**", lambda route: route.fulfill(json=told))
    await expect(page.get_by_role("alert")).to_contain_text("Valkey cannot be reached")
    await expect(page.get_by_role("article")).to_have_count(1)
    await page.unroute("**/figures/**")
    await page.route("**/figures/**", lambda route: route.fulfill(json=told | {"problem": ""}))
    await expect(page.get_by_role("link", name="Add a model and its address")).to_be_visible()
    await expect(page.get_by_role("alert")).to_be_hidden()


async def test_everybody_can_use_it(scripted_site: Site, context: BrowserContext) -> None:
    endpoint = await in_thread(Endpoint.objects.get, from_environment=True)
    await in_thread(record, endpoint.id)
    page = await opened(context, scripted_site)
    PICTURES.mkdir(parents=True, exist_ok=True)
    found = []
    for size in (DESKTOP, PHONE):
        await page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            # The admin looks at the system's theme when it is opened.
            await page.reload()
            await expect(page.locator("html.dark")).to_have_count(1 if scheme == "dark" else 0)
            await expect(page.locator(".tile-chart canvas")).to_have_count(7)
            await page.evaluate(axe())
            name = f"{size['width']} {scheme}"
            found += [f"{name}: {one}" for one in await page.evaluate(RUN)]
            await page.screenshot(path=PICTURES / f"engine-load-{name.replace(' ', '-')}.png", full_page=True)
        if await page.evaluate(IS_TOO_WIDE):
            found.append(f"{size['width']}: the page is too wide")
    assert found == []


async def test_it_stands_still_when_it_is_told_to(scripted_site: Site, context: BrowserContext) -> None:
    await context.clock.install()
    page = await opened(context, scripted_site)
    await expect(page.get_by_role("article")).to_have_count(1)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    pause = page.get_by_role("button", name="Pause")
    await pause.focus()
    await page.keyboard.press("Space")
    await expect(pause).to_have_attribute("aria-pressed", "true")
    asked.clear()
    await page.clock.run_for(20_000)
    assert asked == []
    await page.keyboard.press("Space")
    async with page.expect_request("**/figures/**"):
        await page.clock.run_for(2_000)
