"""Choosing on the conversation page, as a person does it."""

from __future__ import annotations

import json
from typing import Any

from playwright.async_api import Locator, Page, WebSocket

PICKER, EFFORT, FORMAT = "#picker", "#effort", "#format"


def summary(page: Page, menu: str) -> Locator:
    """Return the button of a menu, which says what holds."""
    return page.locator(f"{menu} > summary")


async def open_menu(page: Page, menu: str) -> Locator:
    """Open a menu; return what it holds."""
    await summary(page, menu).click()
    return page.locator(f"{menu} .menu-items")


async def choose(page: Page, menu: str, words: str) -> None:
    """Point at a choice; the menu closes."""
    await (await open_menu(page, menu)).locator("label", has_text=words).click()


class Requests:
    """What a page asks over its socket."""

    def __init__(self, page: Page) -> None:
        self._sent: list[dict[str, Any]] = []
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: self._sent.append(json.loads(frame)))

    def last(self, action: str) -> dict[str, Any]:
        """Return the last request of a kind."""
        return [one for one in self._sent if one["action"] == action][-1]
