"""Choosing who answers: a model, or an assistant of the organization."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from bench.script import prompt_for
from chat.models import Conversation
from tests.browser.accessibility import assert_none, barriers
from tests.browser.chat_page import ChatPage, enter
from tests.browser.choosing import EFFORT, FORMAT, PICKER, Requests, choose, open_menu, summary
from tests.browser.offers import Offers, make_offers
from tests.cast import Cast
from tests.rows import in_thread
from tests.site import Site

SHORT = prompt_for({"tokens": 12, "rate": 200})
NEW_CHAT = "New chat"


@pytest.fixture
async def offers(cast: Cast, scripted: str) -> Offers:
    return await in_thread(make_offers, cast, scripted)


@pytest.fixture
async def chat(scripted_site: Site, cast: Cast, offers: Offers, browser: Browser) -> ChatPage:
    """Bob's page, with nothing on it yet."""
    context = await browser.new_context(reduced_motion="reduce", color_scheme="light")
    await enter(context, scripted_site, cast.bob)
    chat = ChatPage(await context.new_page())
    await chat.open(f"{scripted_site.url}/o/{cast.organization.slug}/")
    return chat


async def new_chat(chat: ChatPage) -> None:
    await chat.page.get_by_role("link", name=NEW_CHAT).first.click()
    await expect(chat.answers).to_have_count(0)


async def options_of(chat: ChatPage) -> dict[str, str]:
    """Return what the server keeps for the shown conversation."""
    conversation = await in_thread(Conversation.objects.get, id=chat.page.url.rstrip("/").rsplit("/", 1)[1])
    return dict(conversation.options)


async def test_a_model_is_chosen_for_a_conversation_and_for_new_ones(chat: ChatPage, offers: Offers) -> None:
    page, requests = chat.page, Requests(chat.page)
    await page.reload()
    await chat.connected()
    await choose(page, PICKER, offers.plain.name)
    await expect(summary(page, PICKER)).to_have_text(offers.plain.name)
    await expect(chat.prompt).to_be_focused()
    await page.reload()
    await chat.connected()
    await expect(summary(page, PICKER)).to_have_text(offers.plain.name)
    await chat.ask(SHORT)
    assert await chat.ended() == "done"
    assert requests.last("send")["settings"] == {"model": str(offers.plain.id)}
    assert await options_of(chat) == {"model": str(offers.plain.id)}
    # What the conversation has is not sent again.
    await chat.ask(SHORT)
    assert "settings" not in requests.last("send")
    await chat.ended()
    await new_chat(chat)
    await expect(summary(page, PICKER)).to_have_text(offers.plain.name)
    await choose(page, PICKER, offers.large.name)
    await page.go_back()
    await expect(chat.answers).to_have_count(2)
    await expect(summary(page, PICKER)).to_have_text(offers.plain.name)


async def test_an_assistant_brings_its_thinking_and_its_format(chat: ChatPage, offers: Offers) -> None:
    page = chat.page
    await choose(page, PICKER, offers.judge.name)
    await expect(summary(page, PICKER)).to_have_text(offers.judge.name)
    await expect(summary(page, EFFORT)).to_have_text("Thinking: high")
    await expect(summary(page, FORMAT)).to_have_text("Text")
    await choose(page, PICKER, offers.clerk.name)
    await expect(summary(page, FORMAT)).to_have_text("JSON")
    await choose(page, FORMAT, "Text")
    await expect(summary(page, FORMAT)).to_have_text("Text")
    # Another assistant begins as its makers meant it.
    await choose(page, PICKER, offers.judge.name)
    await choose(page, PICKER, offers.clerk.name)
    await expect(summary(page, FORMAT)).to_have_text("JSON")


async def test_what_cannot_answer_says_why_and_cannot_be_chosen(chat: ChatPage, offers: Offers) -> None:
    page = chat.page
    away = page.locator(f"{PICKER} label", has_text=offers.away.name)
    # The worker finds out by itself; a page says what was known when it was opened.
    while await away.locator("input").is_enabled():
        await page.reload()
        await chat.connected()
    await open_menu(page, PICKER)
    await expect(away.locator("small")).to_contain_text("server")
    before = await summary(page, PICKER).text_content()
    await away.click(force=True)
    await expect(summary(page, PICKER)).to_have_text(before or "")


async def test_only_what_the_model_can_do_is_offered(chat: ChatPage, offers: Offers) -> None:
    page = chat.page
    await choose(page, PICKER, offers.plain.name)
    await expect(page.locator(EFFORT)).to_be_hidden()
    formats = await open_menu(page, FORMAT)
    await expect(formats.locator("label")).to_have_count(2)
    await page.keyboard.press("Escape")
    await choose(page, PICKER, offers.large.name)
    await expect(page.locator(EFFORT)).to_be_visible()
    await choose(page, FORMAT, "Invoice")
    await expect(summary(page, FORMAT)).to_have_text("Invoice")


async def test_a_conversation_whose_model_is_gone_says_so(chat: ChatPage, offers: Offers) -> None:
    page = chat.page
    await choose(page, PICKER, offers.plain.name)
    await chat.ask(SHORT)
    await chat.ended()
    offers.plain.enabled = False
    await in_thread(offers.plain.save)
    await page.reload()
    await expect(summary(page, PICKER)).to_have_text("Not available")
    await expect(chat.answers).to_have_count(1)
    menu = await open_menu(page, PICKER)
    await expect(menu).to_contain_text("is offered no more")
    await menu.locator("label", has_text=offers.large.name).click()
    await expect(summary(page, PICKER)).to_have_text(offers.large.name)
    await new_chat(chat)
    await expect(summary(page, PICKER)).to_have_text(offers.large.name)


async def test_the_details_of_an_answer_are_shown_and_it_is_made_again(chat: ChatPage, offers: Offers) -> None:
    page, requests = chat.page, Requests(chat.page)
    await page.reload()
    await chat.connected()
    await choose(page, PICKER, offers.large.name)
    await chat.ask(SHORT)
    assert await chat.ended() == "done"
    details = page.get_by_role("dialog", name="How this answer was made")
    await chat.answers.last.get_by_label("More for this answer").click()
    await page.get_by_role("button", name="Details").click()
    await expect(details).to_contain_text(offers.large.name)
    await expect(details).to_contain_text("Seed")
    assert_none(await barriers(page))
    await details.get_by_role("button", name="Run again with the same settings").click()
    await expect(details).to_be_hidden()
    await expect(chat.answers.last.get_by_label("Version 2 of 2")).to_be_visible()
    assert await chat.ended() == "done"
    assert requests.last("regenerate")["again"]


async def test_everybody_can_choose(chat: ChatPage) -> None:
    found = []
    for menu in (PICKER, FORMAT):
        await open_menu(chat.page, menu)
        found += await barriers(chat.page)
        await chat.page.keyboard.press("Escape")
        await expect(summary(chat.page, menu)).to_be_focused()
    assert_none(found)
