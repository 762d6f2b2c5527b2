from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from tests.browser.chromium import running_browser


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A real browser."""
    async with running_browser() as browser:
        yield browser
