"""The conversation page as a person uses it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from playwright.async_api import BrowserContext, Page, expect

from accounts.models import Membership
from tests.cast import sign_in
from tests.rows import in_thread
from tests.site import Site

LONG_ENOUGH = """
(count) => (document.querySelector(".message.assistant:last-child .body")?.textContent ?? "").length >= count
"""
STATES = ("done", "stopped", "withheld", "held", "failed", "interrupted")
ENDED = f".message.assistant:last-child:is({', '.join(f'[data-state={one}]' for one in STATES)})"


async def enter(context: BrowserContext, site: Site, member: Membership) -> None:
    """Sign a member in, in all pages of a context."""
    key = await in_thread(sign_in, member.user)
    await context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": site.url}])


class ChatPage:
    """One tab."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.prompt = page.get_by_role("textbox", name="Message")
        self.answers = page.locator(".message.assistant")
        self.link_state = page.locator("#link")

    async def open(self, url: str) -> None:
        await self.page.goto(url)
        await self.connected()

    async def connected(self) -> None:
        """Wait until the socket is open."""
        await expect(self.page.locator("html[data-link=open]")).to_be_attached()

    async def ask(self, text: str) -> None:
        """Write a prompt and send it; its answer has begun when this returns."""
        before = await self.answers.count()
        await self.prompt.fill(text)
        await self.prompt.press("Enter")
        await expect(self.answers).to_have_count(before + 1)

    async def shows(self, characters: int) -> None:
        """Wait until the last answer shows so much."""
        await self.page.wait_for_function(LONG_ENOUGH, arg=characters, timeout=120_000)

    async def ended(self, seconds: float = 240) -> str:
        """Wait until the last answer has ended; return its state."""
        await self.page.wait_for_selector(ENDED, timeout=seconds * 1000)
        return str(await self.answers.last.get_attribute("data-state"))

    async def id_of_answer(self) -> str:
        return str(await self.answers.last.get_attribute("data-id"))

    async def words(self) -> str:
        """Return what a reader sees of the last answer."""
        return str(await self.answers.last.locator(".body").text_content())

    async def raw(self) -> str:
        """Return the last answer's text as it came, by the page's own copying."""
        await self.page.bring_to_front()
        await self.page.evaluate("navigator.clipboard.writeText('')")
        await self.answers.last.get_by_role("button", name="Copy answer").click()
        await expect(self.answers.last.get_by_role("button", name="Copied")).to_be_visible()
        return str(await self.page.evaluate("navigator.clipboard.readText()"))

    async def row_menu(self, title: str, item: str) -> None:
        """Choose from the menu of a conversation in the list."""
        row = self.page.locator("#list li", has_text=title)
        await row.hover()
        await row.locator("summary").click()
        await row.get_by_role("button", name=item, exact=True).click()

    async def titles(self) -> list[str]:
        return await self.page.locator("#list .words").all_text_contents()

    async def evaluate(self, script: str) -> Any:
        return await self.page.evaluate(script)
