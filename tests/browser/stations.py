"""Keep what the stations of a journey look like, for people to look at."""

from __future__ import annotations

from playwright.async_api import Page

from tests.browser.accessibility import DESKTOP, PHONE
from tests.browser.pictures import PICTURES


async def picture(page: Page, name: str, *, whole: bool = False) -> None:
    """Keep what a station of the journey looks like."""
    PICTURES.mkdir(exist_ok=True)
    if whole:
        # What is fixed to the window stands where it does at the top.
        await page.evaluate("scrollTo(0, 0)")
    await page.screenshot(path=PICTURES / f"journey-{name}.png", full_page=whole)


async def pictures(page: Page, name: str) -> None:
    """Keep it in light, in the dark and on a phone."""
    for size, scheme in ((DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light")):
        await page.set_viewport_size(size)
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await page.locator(".receipt").last.scroll_into_view_if_needed()
        await picture(page, f"{name}-{size['width']}-{scheme}")
    await page.set_viewport_size(DESKTOP)
    await page.emulate_media(color_scheme="light")
