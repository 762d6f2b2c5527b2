"""Keep what pages look like, for people to look at."""

from __future__ import annotations

from playwright.async_api import Page

from tests.browser.accessibility import DESKTOP, PHONE
from tests.site import ROOT

PICTURES = ROOT / "tests/artifacts"


async def photograph(page: Page, name: str) -> None:
    """Take a page of the console on a desk, in the dark and on a phone."""
    PICTURES.mkdir(exist_ok=True)
    # What is fixed to the window stands where it does at the top.
    await page.evaluate("scrollTo(0, 0)")
    for size, scheme, where in ((DESKTOP, "light", "desk"), (DESKTOP, "dark", "dark"), (PHONE, "light", "phone")):
        await page.set_viewport_size(size)
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await page.screenshot(path=PICTURES / f"console-{name}-{where}.png", full_page=True)
    await page.set_viewport_size(DESKTOP)
    await page.emulate_media(color_scheme="light")
