from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.accessibility import DESKTOP, assert_none
from tests.browser.breaches import breaches
from tests.browser.chat_page import enter
from tests.browser.chromium import running_browser
from tests.cast import Cast
from tests.site import Site

# Waiting longer costs nothing where it comes at once, and a shared machine may be slow.
expect.set_options(timeout=60_000)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A real browser."""
    async with running_browser() as browser:
        yield browser


@pytest.fixture
async def page(browser: Browser, site: Site, cast: Cast) -> AsyncIterator[Page]:
    """A tab of Alice, the owner; no script or style of it breaks the content policy."""
    context = await browser.new_context(reduced_motion="reduce", color_scheme="light", viewport=DESKTOP)
    await enter(context, site, cast.alice)
    page = await context.new_page()
    broken = await breaches(page)
    yield page
    await context.close()
    assert_none(broken)
