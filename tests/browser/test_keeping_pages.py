"""Temporary chats, retention, holds and break-glass in a browser: keyboard, phone, dark, and what axe says."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from playwright.async_api import Browser, Locator, Page, expect

from accounts.models import Membership
from chat.actions.break_glass import ask
from chat.actions.holds import place
from chat.models import Conversation, DeletionCertificate, LegalHold, RetentionRules
from tests.browser.accessibility import DESKTOP, PHONE, assert_none, barriers, keyboard_barriers
from tests.browser.chat_page import ChatPage, enter
from tests.browser.console_page import address
from tests.browser.pictures import photograph
from tests.cast import Cast
from tests.chat.retention.kept import aged
from tests.chat.test_break_glass import TEXT, talked
from tests.rows import in_thread
from tests.site import Site
from tests.withheld import reviewer

REASON = "A complaint about harassment, case 12"


async def test_a_temporary_chat(site: Site, cast: Cast, page: Page) -> None:
    chat = ChatPage(page)
    await chat.open(f"{site.url}/o/{cast.organization.slug}/")
    toggle = page.get_by_role("button", name="Temporary chat")
    assert_none(await keyboard_barriers(page, "#temporary"))
    await toggle.press("Enter")
    await expect(toggle).to_have_attribute("aria-pressed", "true")
    note = page.locator("#temporary-note")
    await expect(note).to_contain_text("deleted after 24 hours")
    assert_none(await barriers(page))
    await photograph(page, "temporary-new")
    await page.set_viewport_size(PHONE)
    await expect(toggle).to_be_visible()
    await page.set_viewport_size(DESKTOP)
    await chat.ask("Say hello.")
    await expect(note).to_contain_text("It is deleted after")
    await expect(toggle).to_be_hidden()
    await chat.shows(1)
    await page.keyboard.press("Escape")
    await chat.ended()
    await expect(page.get_by_role("heading", name="Temporary chat")).to_be_visible()
    await page.reload()
    await expect(note).to_contain_text("It is deleted after")
    assert await chat.titles() == []
    assert_none(await barriers(page))
    await photograph(page, "temporary-chat")
    found = await in_thread(Conversation.objects.get, owner=cast.alice.user)
    assert (found.is_temporary, found.title) == (True, "")
    await page.get_by_role("link", name="New chat", exact=True).first.click()
    await expect(toggle).to_have_attribute("aria-pressed", "false")


def _kept(cast: Cast) -> None:
    for age in (40, 50, 400):
        aged(cast.bob, age)
    place(acting=cast.alice, reason="The dispute of spring, with our lawyers", user_id=cast.alice.user_id)
    DeletionCertificate.objects.create(
        organization=cast.organization,
        counts={"conversations": 12, "messages": 96, "active": 12},
        kept_by_holds=2,
        digest="5f" * 32,
    )


async def test_rules_are_looked_at_before_they_are_saved(site: Site, cast: Cast, page: Page) -> None:
    await in_thread(_kept, cast)
    await page.goto(address(site, cast, "retention"))
    assert_none(await barriers(page))
    await page.get_by_label("Conversations, in days", exact=True).fill("0")
    await page.get_by_label("Conversations, in days", exact=True).press("Enter")
    await expect(page.locator(".errors")).to_contain_text("Write a whole number from 1")
    await page.get_by_label("Conversations, in days", exact=True).fill("90")
    await page.get_by_label("Conversations, in days", exact=True).press("Enter")
    preview = page.get_by_role("region", name="What would go")
    await expect(preview).to_contain_text("Nothing goes at once")
    await expect(preview.get_by_role("row").nth(1)).to_contain_text("111")
    assert_none(await barriers(page))
    await photograph(page, "retention-preview")
    assert not await in_thread(RetentionRules.objects.filter(organization=cast.organization).exists)
    await preview.get_by_role("button", name="Save these rules").press("Enter")
    await expect(page.get_by_text("Saved. What is shorter holds from")).to_be_visible()
    await expect(page.get_by_text("These rules were changed lately")).to_be_visible()
    await photograph(page, "retention")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="JSON of the certificate").click()
    assert (await download.value).suggested_filename.startswith("deletion-")


async def test_a_hold_is_placed_and_lifted(site: Site, cast: Cast, page: Page) -> None:
    conversation = await in_thread(aged, cast.bob, 3)
    await page.goto(address(site, cast, "holds"))
    await page.get_by_label("Keep").select_option(label="One conversation")
    await page.get_by_label("Conversation’s id").fill("nothing")
    await page.get_by_label("Reason").fill("A dispute about the delivery")
    await page.get_by_role("button", name="Place the hold").press("Enter")
    await expect(page.locator(".errors")).to_contain_text("no id of a conversation")
    assert_none(await barriers(page))
    await page.get_by_label("Conversation’s id").fill(str(conversation.id))
    await page.get_by_role("button", name="Place the hold").press("Enter")
    await expect(page.get_by_text("Nothing of it is deleted from now on")).to_be_visible()
    assert_none(await barriers(page))
    await photograph(page, "holds")
    await page.get_by_role("button", name="Lift the hold").press("Enter")
    await page.get_by_role("dialog").get_by_role("button", name="Lift").press("Enter")
    await expect(page.get_by_text("Nothing is held.")).to_be_visible()
    assert not await in_thread(LegalHold.objects.filter(organization=cast.organization, lifted_at=None).exists)


async def _begins_with_its_words_on_a_phone(page: Page, button: Locator) -> None:
    """Hold the first button of a row to the left edge of what stands above it."""
    await page.set_viewport_size(PHONE)
    words, box = await page.locator("li", has=button).locator("> div").bounding_box(), await button.bounding_box()
    assert words is not None
    assert box is not None
    assert abs(words["x"] - box["x"]) < 2
    await page.set_viewport_size(DESKTOP)


async def test_two_people_open_a_conversation_and_its_owner_is_told(
    site: Site, cast: Cast, page: Page, browser: Browser
) -> None:
    rita, conversation = await in_thread(_with_reviewer, cast)
    theirs = await _page_of(browser, site, rita)
    await theirs.goto(address(site, cast, "break-glass"))
    await theirs.get_by_label("Whose").select_option(value=str(cast.bob.user_id))
    await theirs.get_by_role("button", name="Find the conversation").press("Enter")
    assert_none(await barriers(theirs))
    await photograph(theirs, "break-glass-conversations")
    assert conversation.title not in await theirs.content()
    await theirs.get_by_role("link", name="Ask to read").first.click()
    await theirs.get_by_label("Reason").fill("curious")
    await theirs.get_by_role("button", name="Ask").press("Enter")
    await expect(theirs.get_by_role("alert")).to_contain_text("Say why")
    assert_none(await barriers(theirs))
    await photograph(theirs, "break-glass-ask")
    await theirs.get_by_label("Reason").fill(REASON)
    await theirs.get_by_role("button", name="Ask").press("Enter")
    await expect(theirs.get_by_text("A second person must approve it.").first).to_be_visible()
    await page.goto(address(site, cast, "break-glass"))
    assert_none(await barriers(page))
    await photograph(page, "break-glass-waiting")
    await _begins_with_its_words_on_a_phone(page, page.get_by_role("button", name="Approve"))
    await page.get_by_role("button", name="Approve").press("Enter")
    await expect(page.get_by_text("Approved. It is open from now on")).to_be_visible()
    await theirs.reload()
    await theirs.get_by_role("link", name="Read").press("Enter")
    await expect(theirs.get_by_text(TEXT).first).to_be_visible()
    assert_none(await barriers(theirs))
    await photograph(theirs, "break-glass-read")
    await theirs.get_by_role("link", name="Later").press("Enter")
    await expect(theirs.get_by_text("Page 2 of 2")).to_be_visible()
    await _bob_is_told(browser, site, cast)
    await theirs.get_by_role("button", name="Close it now").press("Enter")
    await expect(theirs.get_by_text("Closed. Nothing more can be read.")).to_be_visible()
    await photograph(theirs, "break-glass")


async def _bob_is_told(browser: Browser, site: Site, cast: Cast) -> None:
    bobs = await _page_of(browser, site, cast.bob)
    await bobs.goto(f"{site.url}/o/{cast.organization.slug}/")
    await expect(bobs.get_by_text("could be read by somebody else")).to_be_visible()
    assert_none(await barriers(bobs))
    await photograph(bobs, "break-glass-told")
    await bobs.get_by_role("link", name="See who, and why").press("Enter")
    await expect(bobs.get_by_text(REASON)).to_be_visible()
    await expect(bobs.get_by_text("2 pages read")).to_be_visible()
    assert_none(await barriers(bobs))
    await photograph(bobs, "break-glass-readers")
    await bobs.get_by_role("button", name="I have seen this").press("Enter")
    await bobs.goto(f"{site.url}/o/{cast.organization.slug}/")
    await expect(bobs.get_by_text("could be read by somebody else")).to_be_hidden()


def _with_reviewer(cast: Cast) -> tuple[Membership, Conversation]:
    rita = reviewer(cast.alice)
    old = talked(cast.bob)
    refused = ask(acting=rita, conversation_id=old.id, reason="An earlier question of ours", hours=1)
    type(refused).objects.filter(id=refused.id).update(created_at=timezone.now() - timedelta(days=9))
    return rita, talked(cast.bob, exchanges=11)


async def _page_of(browser: Browser, site: Site, member: Membership) -> Page:
    context = await browser.new_context(reduced_motion="reduce", color_scheme="light", viewport=DESKTOP)
    await enter(context, site, member)
    return await context.new_page()
