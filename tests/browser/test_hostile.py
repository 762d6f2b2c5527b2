"""Hostile texts, streamed and cut everywhere: nothing runs, nothing leaves, nothing foreign is on the page."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from playwright.async_api import Browser, BrowserContext, Dialog, Error, Page, Route

from accounts.models import Membership
from chat.models import Conversation, Message
from tests.browser.hostile import hostile_texts, naked_html
from tests.browser.scripts import script
from tests.cast import Cast, sign_in
from tests.rows import in_thread, row_of
from tests.site import ROOT, Site

WATCH = """
window.violations = []; window.canary = 0;
window.ran = () => { window.canary++ };
addEventListener("securitypolicyviolation", (event) => violations.push(
  `${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
"""
# One for each core of a small machine.
TOGETHER = 2


@dataclass(slots=True)
class Watched:
    """A page and everything that must not happen on it."""

    page: Page
    site: str
    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda line: self.said.append(line.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("popup", lambda page: self.said.append(f"opened {page.url}"))

        async def dismiss(dialog: Dialog) -> None:
            self.dialogs.append(dialog.message)
            await dialog.dismiss()

        self.page.on("dialog", dismiss)

    def foreign(self) -> list[str]:
        """Return the addresses that are not this site's own."""
        return [url for url in self.requests if not url.startswith((f"{self.site}/", "data:"))]

    async def assert_quiet(self) -> None:
        """Nothing ran, left, was reported or was said."""
        assert await self.page.evaluate("canary") == 0
        assert await self.page.evaluate("violations") == []
        assert (self.said, self.dialogs, self.foreign()) == ([], [], [])


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page's own views with a driver in front, bundled from the same sources."""
    folder = tmp_path_factory.mktemp("driver")
    subprocess.run(["node", "build.mjs", "--browser", str(folder)], cwd=ROOT / "frontend", check=True)
    return (folder / "hostile.browser.js").read_text()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context()
    await context.add_init_script(WATCH)
    yield context
    await context.close()


async def open_page(context: BrowserContext, site: Site, member: Membership, path: str = "") -> Watched:
    """Open the real page as a member, watched from its first byte."""
    key = await in_thread(sign_in, member.user)
    await context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": site.url}])
    watched = Watched(await context.new_page(), site.url)
    watched.listen()
    answer = await watched.page.goto(f"{site.url}/o/{member.organization.slug}/{path}", wait_until="load")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "'strict-dynamic'" in policy and "require-trusted-types-for 'script'" in policy
    return watched


async def test_every_text_is_shown_safely_however_it_is_cut(
    site: Site, cast: Cast, context: BrowserContext, driver: str
) -> None:
    texts = hostile_texts()
    assert len(texts) > 300

    async def answer(route: Route) -> None:
        await route.fulfill(body=driver, content_type="text/javascript")

    await context.route("**/static/chat*.js", answer)
    pages = [await open_page(context, site, cast.bob) for _ in range(TOGETHER)]
    found = await asyncio.gather(*(examine(one, texts[at::TOGETHER]) for at, one in enumerate(pages)))
    assert [one for some in found for one in some] == []
    for one in pages:
        await one.assert_quiet()
        assert {url for url in one.requests if "/static/" not in url} == {one.page.url}


async def examine(watched: Watched, texts: list[str]) -> list[str]:
    """Return what is wrong with each text, shown by the page's own views."""
    wrong = []
    for text in texts:
        result = await watched.page.evaluate("(text) => hostile.examine(text)", text)
        wrong += [f"{text!r}: {one}" for one in result["wrong"]]
    return wrong


async def test_the_watch_sees_what_a_page_without_care_would_do(browser: Browser) -> None:
    context = await browser.new_context()
    await context.add_init_script(WATCH)
    await context.route("**/*", lambda route: route.fulfill(body="<p>Bare", content_type="text/html"))
    watched = Watched(await context.new_page(), "http://bare.example")
    watched.listen()
    harmed = 0
    for text in [one for one in naked_html() if "refresh" not in one][::3]:
        harmed += await does_harm(watched, text)
    assert harmed > 20


async def does_harm(watched: Watched, text: str) -> bool:
    """Say whether a text runs something or leaves, as the HTML of a page."""
    watched.requests.clear()
    await watched.page.goto("http://bare.example/")
    try:
        await watched.page.set_content(text, wait_until="load")
        return bool(watched.foreign() or await watched.page.evaluate("canary"))
    except Error:
        # It took the page away while we looked.
        return True


async def test_a_conversation_full_of_them_opens_unharmed(site: Site, cast: Cast, context: BrowserContext) -> None:
    texts = [text for text in hostile_texts() if "\x00" not in text]
    conversation = await in_thread(write_down, cast.bob, texts)
    watched = await open_page(context, site, cast.bob, f"c/{conversation.id}/")
    await watched.page.wait_for_function(
        "(count) => document.querySelectorAll('.message').length === count", arg=2 * len(texts)
    )
    shown = await watched.page.evaluate(
        "[...document.querySelectorAll('.message.user .words')].map(one => one.textContent)"
    )
    assert shown == texts
    assert await watched.page.inner_text("#title") == conversation.title
    await watched.assert_quiet()


def write_down(member: Membership, texts: list[str]) -> Conversation:
    """Store a conversation in which each text is asked and answered."""
    title = "<img src=x onerror=ran()></script><script>ran()</script> {{7*7}}"
    place = Conversation.objects.create(organization=member.organization, owner=member.user, title=title)
    parent, rows = None, []
    for text in texts:
        for role in (Message.Role.USER, Message.Role.ASSISTANT):
            parent = Message(
                conversation=place,
                parent=parent,
                role=role,
                release=Message.Release.RELEASED,
                parts=[{"type": "text", "text": text}],
            )
            rows.append(parent)
    Message.objects.bulk_create(rows)
    Conversation.objects.filter(id=place.id).update(head=parent)
    return place


async def test_they_stream_from_the_engine_to_the_page_unharmed(
    scripted_site: Site, cast: Cast, context: BrowserContext
) -> None:
    told = "\n\n".join(sorted(hostile_texts(), key=lambda text: "\x00" not in text))[:18_000]
    assert "\x00" in told
    watched = await open_page(context, scripted_site, cast.bob)
    await watched.page.fill("#prompt", script(text=told, rate=3000, reasoning=20))
    await watched.page.press("#prompt", "Enter")
    await watched.page.wait_for_selector(".message.assistant[data-state=done]", timeout=60_000)
    answer = await watched.page.get_attribute(".message.assistant", "data-id")
    row = await in_thread(row_of, str(answer))
    assert row.message.parts[-1]["text"] == told.replace("\x00", "\ufffd")
    await watched.assert_quiet()


async def test_the_watch_hears_what_the_policy_forbids(site: Site, cast: Cast, context: BrowserContext) -> None:
    watched = await open_page(context, site, cast.bob)
    await watched.page.evaluate("new Image().src = 'https://evil.example/' + crypto.randomUUID()")
    await watched.page.wait_for_function("violations.length > 0")
    # Apart from the call itself, which the browser's own tools may make.
    await watched.page.evaluate(
        "setTimeout(() => { try { eval('ran()') } catch (error) { window.refused = error.name } })"
    )
    await watched.page.wait_for_function("window.refused === 'EvalError'")
    assert await watched.page.evaluate("canary") == 0
