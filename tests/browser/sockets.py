"""A page's sockets, closed behind its back."""

from __future__ import annotations

from playwright.async_api import BrowserContext, Page

REMEMBER = """
window.sockets = [];
window.WebSocket = class extends WebSocket { constructor(...all) { super(...all); sockets.push(this); } };
"""
DROP = "for (const socket of sockets.splice(0)) socket.close();"


async def remember_sockets(context: BrowserContext) -> None:
    """Let the pages that are loaded from now on lose their sockets."""
    await context.add_init_script(REMEMBER)


async def drop_sockets(page: Page) -> None:
    await page.evaluate(DROP)
