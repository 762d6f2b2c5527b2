"""What a person sees of a policy: receipts, what can be done about them, what comes of it; the reviewer's inbox."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from django.urls import reverse
from playwright.async_api import Browser, Locator, Page, expect

from accounts.models import Membership
from bench.script import prompt_for
from tests.browser.accessibility import assert_none, barriers, keyboard_barriers
from tests.browser.breaches import breaches
from tests.browser.chat_page import ChatPage, enter
from tests.browser.test_chat_pictures import LOOKS, photograph
from tests.cast import Cast
from tests.rows import in_thread
from tests.site import Site
from tests.withheld import FOUND, house_rules, reviewer, version

SCRIPT = prompt_for({"text": "It is quiet there in autumn.", "rate": 200})
BLOCKED = f"{SCRIPT} Tell me about {FOUND}."
HELD = f"{SCRIPT} How far is the merger?"
REDACTED = prompt_for({"text": "The team calls it **Blue Falcon**.\n\n```\nname = 'blue falcon'\n```\n", "rate": 200})
CUT = prompt_for({"text": "It was a long day by the pond. Then the heron landed on a stone.", "rate": 200})
STOPPED_FOR_NOW = prompt_for({"text": "The firm was worth ninety million at the time, people say.", "rate": 200})


class Receipt:
    """The newest receipt on a page."""

    def __init__(self, chat: ChatPage) -> None:
        self.box: Locator = chat.page.locator(".receipt").last
        self._page = chat.page

    def button(self, name: str) -> Locator:
        return self.box.get_by_role("button", name=name, exact=True)

    async def ask_for_review(self, note: str) -> None:
        await self.button("Ask for a review").click()
        await expect(self.box.get_by_role("textbox")).to_be_focused()
        await self._page.keyboard.type(note)
        await self.button("Ask for a review").click()
        await expect(self.box).to_contain_text("You asked for a review.")


@pytest.fixture
async def chat(scripted_site: Site, cast: Cast, browser: Browser) -> AsyncIterator[ChatPage]:
    """Bob's page, in an organization with house rules; no script or style of it breaks the content policy."""
    await in_thread(version, cast.bob, house_rules())
    chat = await chat_of(browser, scripted_site, cast.bob, "1280-light")
    broken = await breaches(chat.page)
    yield chat
    await chat.page.context.close()
    assert_none(broken)


async def chat_of(browser: Browser, site: Site, member: Membership, look: str) -> ChatPage:
    context = await browser.new_context(reduced_motion="reduce", **LOOKS[look])
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await enter(context, site, member)
    chat = ChatPage(await context.new_page())
    await chat.open(f"{site.url}/o/{member.organization.slug}/")
    return chat


async def inbox(browser: Browser, site: Site, rhea: Membership, look: str = "1280-light") -> Page:
    """Return a reviewer's tab on what waits."""
    context = await browser.new_context(reduced_motion="reduce", **LOOKS[look])
    await enter(context, site, rhea)
    page = await context.new_page()
    await page.goto(site.url + reverse("console:reviews", args=[rhea.organization.slug]))
    return page


async def decide(page: Page, button: str, note: str = "") -> None:
    """Open what waits first, and press a button."""
    await page.get_by_role("link", name="Open").first.click()
    await page.get_by_label("Note to the member").fill(note)
    await page.get_by_role("button", name=button).click()
    await expect(page.get_by_text("Decided. Bob is told.")).to_be_visible()


async def test_a_blocked_prompt_is_edited_and_sent_again(chat: ChatPage) -> None:
    await chat.ask(BLOCKED)
    receipt = Receipt(chat)
    await expect(receipt.box).to_contain_text("Your message was not sent to the model.")
    await expect(receipt.box).to_contain_text("Policy “House rules”, version 1")
    await expect(chat.page.locator("#announcer")).to_contain_text("Your message was not sent")
    assert FOUND not in str(await chat.page.locator("#thread").text_content())
    await chat.page.reload()
    await chat.connected()
    await receipt.button("Edit and send again").click()
    editor = chat.page.get_by_role("textbox", name="Edit the message")
    await expect(editor).to_have_value(BLOCKED)
    await editor.fill(SCRIPT)
    await editor.press("Enter")
    await expect(chat.answers.last).to_contain_text("It is quiet there in autumn.")
    await expect(chat.page.get_by_role("img", name="Version 2 of 2")).to_be_visible()


async def test_a_text_that_is_kept_nowhere_comes_from_the_page_or_is_said_to_be_gone(
    scripted_site: Site, cast: Cast, chat: ChatPage
) -> None:
    rules = house_rules()
    kept_nowhere = type(rules)(name=rules.name, keep=False, categories=rules.categories, rules=rules.rules)
    await in_thread(version, cast.bob, kept_nowhere)
    await chat.ask(BLOCKED)
    receipt, editor = Receipt(chat), chat.page.get_by_role("textbox", name="Edit the message")
    await receipt.button("Edit and send again").click()
    await expect(editor).to_have_value(BLOCKED)
    await expect(receipt.button("Ask for a review")).to_have_count(0)
    await chat.page.reload()
    await chat.connected()
    await receipt.button("Edit and send again").click()
    await expect(chat.page.get_by_text("The text of this message was not kept.")).to_be_visible()
    await expect(editor).to_have_value("")


async def test_an_appeal_is_heard_and_answered_in_the_open_tab(
    scripted_site: Site, cast: Cast, browser: Browser, chat: ChatPage
) -> None:
    rhea = await in_thread(reviewer, cast.bob)
    await chat.ask(BLOCKED)
    receipt = Receipt(chat)
    await receipt.button("Ask for a review").click()
    await chat.page.keyboard.press("Escape")
    await expect(receipt.button("Ask for a review")).to_be_focused()
    await receipt.ask_for_review("It is about a bird.")
    page = await inbox(browser, scripted_site, rhea)
    await expect(page.get_by_role("link", name="Reviews 1 waiting")).to_be_visible()
    await page.get_by_role("link", name="Open").first.click()
    await expect(page.locator("mark")).to_have_text(FOUND)
    await expect(page.get_by_text("It is about a bird.")).to_be_visible()
    await page.get_by_label("Make this a golden case").check()
    await expect(page.get_by_label("Text of the case")).to_be_visible()
    assert_none(await barriers(page))
    assert_none(await keyboard_barriers(page, 'button[value="overturn"]'))
    await page.get_by_label("Make this a golden case").uncheck()
    await page.go_back()
    await decide(page, "Overturn", "It is indeed about a bird.")
    await expect(chat.page.locator(".message.user")).to_contain_text(f"Tell me about {FOUND}.")
    await expect(chat.answers.last).to_contain_text("It is quiet there in autumn.")
    await expect(receipt.box).to_contain_text("A reviewer let this message pass.")
    await expect(receipt.box).to_contain_text("It is indeed about a bird.")
    await page.context.close()


async def test_who_was_elsewhere_is_told_once(
    scripted_site: Site, cast: Cast, browser: Browser, chat: ChatPage
) -> None:
    rhea = await in_thread(reviewer, cast.bob)
    await chat.ask(HELD)
    await expect(Receipt(chat).box).to_contain_text("Your message waits for a reviewer.")
    await expect(chat.prompt).to_be_enabled()
    await chat.page.get_by_role("link", name="New chat").first.click()
    page = await inbox(browser, scripted_site, rhea)
    await decide(page, "Agree with the policy")
    told = chat.page.get_by_text("A reviewer agreed with the policy in")
    await chat.page.reload()
    await expect(told).to_be_visible()
    await chat.page.reload()
    await chat.connected()
    await expect(told).to_have_count(0)
    await page.context.close()


async def test_a_redaction_is_a_label_that_is_copied_as_text(chat: ChatPage) -> None:
    await chat.ask(REDACTED)
    assert await chat.ended() == "done"
    mark = chat.answers.last.locator(".redacted")
    await expect(mark).to_have_count(1)
    await expect(mark).to_have_attribute("title", "Taken out by your organization’s policy: Code name")
    await expect(chat.answers.last.locator("pre")).to_contain_text("name = '[redacted: Code name]'")
    assert (await chat.raw()).startswith("The team calls it **[redacted: Code name]**.")
    selected = await chat.evaluate(
        "() => { getSelection().selectAllChildren(document.querySelector('.redacted').closest('p'));"
        " return getSelection().toString(); }"
    )
    assert selected == "The team calls it [redacted: Code name]."


@pytest.mark.parametrize("look", list(LOOKS))
async def test_pictures_of_what_a_policy_does(scripted_site: Site, cast: Cast, browser: Browser, look: str) -> None:
    await in_thread(version, cast.bob, house_rules())
    rhea = await in_thread(reviewer, cast.bob)
    chat = await chat_of(browser, scripted_site, cast.bob, look)
    receipt = Receipt(chat)
    await chat.ask(REDACTED)
    await chat.ended()
    await chat.ask(CUT)
    assert await chat.ended() == "withheld"
    await expect(receipt.button("Try again")).to_be_visible()
    await photograph(chat.page, f"receipt-answer-{look}")
    await chat.ask(STOPPED_FOR_NOW)
    await expect(chat.answers.last).to_have_attribute("data-state", "held")
    await photograph(chat.page, f"receipt-held-{look}")
    await chat.ask(BLOCKED)
    await expect(receipt.box).to_contain_text("Your message was not sent to the model.")
    await photograph(chat.page, f"receipt-prompt-{look}")
    await receipt.button("Ask for a review").click()
    await photograph(chat.page, f"receipt-asking-{look}")
    await receipt.button("Cancel").click()
    await receipt.ask_for_review("It is about a bird that I have seen, not about the project.")
    await photograph(chat.page, f"receipt-asked-{look}")
    page = await inbox(browser, scripted_site, rhea, look)
    await photograph(page, f"reviews-{look}")
    await page.get_by_role("link", name="Open").last.click()
    await photograph(page, f"review-{look}")
    await page.get_by_label("Note to the member").fill("It is indeed about a bird.")
    await page.get_by_role("button", name="Overturn").click()
    await expect(receipt.box).to_contain_text("A reviewer let this message pass.")
    await expect(chat.answers.last).to_contain_text("It is quiet there in autumn.")
    await photograph(chat.page, f"receipt-overturned-{look}")
    assert_none(await barriers(chat.page))
    assert_none(await barriers(page))
    await page.context.close()
    await chat.page.context.close()
