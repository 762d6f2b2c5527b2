"""How much the model thinks: one control, live thoughts, and what is not shown."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from bench.script import prompt_for
from inference.effort import BUDGETS, Effort
from inference.models import OrganizationRules
from tests.browser.accessibility import assert_none, barriers
from tests.browser.chat_page import ChatPage, enter
from tests.browser.choosing import EFFORT, PICKER, Requests, choose, open_menu, summary
from tests.browser.offers import Offers, make_offers
from tests.cast import Cast
from tests.rows import in_thread
from tests.site import Site

SHORT = prompt_for({"tokens": 12, "rate": 200})
THINKS = prompt_for({"reasoning": 200, "tokens": 12, "rate": 40})
SEALED = "your organization does not show thoughts"


@pytest.fixture
async def offers(cast: Cast, scripted: str) -> Offers:
    return await in_thread(make_offers, cast, scripted)


@pytest.fixture
async def chat(scripted_site: Site, cast: Cast, offers: Offers, browser: Browser) -> ChatPage:
    """Bob's page, before anything is opened."""
    context = await browser.new_context(reduced_motion="reduce", color_scheme="light")
    await enter(context, scripted_site, cast.bob)
    return ChatPage(await context.new_page())


async def begin(chat: ChatPage, site: Site, cast: Cast, offers: Offers) -> None:
    """Open a new chat with the model that thinks."""
    await chat.open(f"{site.url}/o/{cast.organization.slug}/")
    await choose(chat.page, PICKER, offers.large.name)


def rule(cast: Cast, **rules: object) -> None:
    OrganizationRules.objects.create(organization=cast.organization, **rules)


async def test_each_effort_is_told_with_its_budget(
    chat: ChatPage, scripted_site: Site, cast: Cast, offers: Offers
) -> None:
    await begin(chat, scripted_site, cast, offers)
    menu = await open_menu(chat.page, EFFORT)
    await expect(menu.get_by_role("radio")).to_have_count(len(Effort))
    for effort, budget in BUDGETS.items():
        line = menu.locator("label", has_text=re.compile(f"^{effort}", re.IGNORECASE))
        await expect(line).to_contain_text(f"up to {budget:,} tokens of thought")
    assert_none(await barriers(chat.page))


async def test_the_keys_choose_and_close(chat: ChatPage, scripted_site: Site, cast: Cast, offers: Offers) -> None:
    page = chat.page
    await begin(chat, scripted_site, cast, offers)
    button = summary(page, EFFORT)
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("radio", name="Off")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("radio", name="Medium")).to_be_checked()
    await page.keyboard.press("Enter")
    await expect(page.locator(f"{EFFORT}[open]")).to_have_count(0)
    await expect(button).to_be_focused()
    await expect(button).to_have_text("Thinking: medium")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("radio", name="Medium")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await expect(button).to_have_text("Thinking: medium, once")
    await page.keyboard.press("Escape")
    await expect(button).to_be_focused()
    # Nothing was sent by any of it.
    await expect(chat.answers).to_have_count(0)


async def test_a_choice_for_one_answer_is_used_up_and_one_for_the_conversation_stays(
    chat: ChatPage, scripted_site: Site, cast: Cast, offers: Offers
) -> None:
    page, requests = chat.page, Requests(chat.page)
    await begin(chat, scripted_site, cast, offers)
    await choose(page, EFFORT, "Low")
    await open_menu(page, EFFORT)
    await page.get_by_label("Only for the next answer").check()
    await page.locator(f"{EFFORT} label", has_text="High").click()
    await expect(summary(page, EFFORT)).to_have_text("Thinking: high, once")
    await page.reload()
    await chat.connected()
    await expect(summary(page, EFFORT)).to_have_text("Thinking: high, once")
    await chat.ask(SHORT)
    sent = requests.last("send")
    assert sent["options"] == {"effort": "high"}
    assert sent["settings"] == {"model": str(offers.large.id)}
    assert await chat.ended() == "done"
    await expect(summary(page, EFFORT)).to_have_text("Thinking: off")
    await choose(page, EFFORT, "Medium")
    await chat.ask(SHORT)
    assert requests.last("send")["settings"]["effort"] == "medium"
    await chat.ended()
    await page.reload()
    await expect(summary(page, EFFORT)).to_have_text("Thinking: medium")


async def test_a_lock_is_said_and_holds(chat: ChatPage, scripted_site: Site, cast: Cast, offers: Offers) -> None:
    await in_thread(rule, cast, reasoning_default="low", reasoning_locked=True)
    await begin(chat, scripted_site, cast, offers)
    await expect(summary(chat.page, EFFORT)).to_have_text("Thinking: low")
    menu = await open_menu(chat.page, EFFORT)
    await expect(menu).to_contain_text("Set by your organization.")
    await expect(menu).to_contain_text("up to 1,024 tokens of thought")
    await expect(menu.get_by_role("radio")).to_have_count(0)


async def test_a_ceiling_leaves_what_is_below(
    chat: ChatPage, scripted_site: Site, cast: Cast, offers: Offers
) -> None:
    await in_thread(rule, cast, reasoning_ceiling="low")
    await begin(chat, scripted_site, cast, offers)
    menu = await open_menu(chat.page, EFFORT)
    await expect(menu.get_by_role("radio")).to_have_count(2)
    await chat.page.keyboard.press("Escape")
    # The assistant's own effort is above it.
    await choose(chat.page, PICKER, offers.judge.name)
    await expect(summary(chat.page, EFFORT)).to_have_text("Thinking: low")


async def test_a_thought_is_live_with_its_budget_and_folds_away(
    chat: ChatPage, scripted_site: Site, cast: Cast, offers: Offers
) -> None:
    await begin(chat, scripted_site, cast, offers)
    await choose(chat.page, EFFORT, "Low")
    await chat.ask(THINKS)
    thought = chat.answers.last.locator(".reasoning")
    await expect(thought).to_contain_text("of 1,024 tokens")
    await expect(thought.get_by_role("progressbar", name="Budget of thought")).to_be_visible()
    await expect(thought).to_contain_text(re.compile(r"Thinking… \d+ s"))
    assert_none(await barriers(chat.page))
    assert await chat.ended() == "done"
    await expect(thought.locator("summary")).to_have_text(re.compile(r"^Thought for \d+ s · \d+ tokens$"))
    await expect(thought.get_by_role("progressbar")).to_be_hidden()
    await thought.locator("summary").click()
    await expect(thought.locator(".thoughts")).to_be_visible()


async def test_what_others_may_not_read_cannot_be_opened(
    chat: ChatPage, scripted_site: Site, cast: Cast, offers: Offers
) -> None:
    await in_thread(rule, cast, reasoning_visibility="nobody", reasoning_default="low")
    await begin(chat, scripted_site, cast, offers)
    await chat.ask(THINKS)
    thought = chat.answers.last.locator(".reasoning")
    await expect(thought).to_contain_text("Thinking…")
    assert await chat.ended() == "done"
    for _ in range(2):
        await expect(thought).to_have_text(re.compile(rf"^Thought for \d+ s · \d+ tokens · {SEALED}$"))
        await expect(thought.locator("summary, .thoughts")).to_have_count(0)
        await chat.page.reload()
        await chat.connected()


async def test_an_answer_is_tried_again_with_thinking(
    chat: ChatPage, scripted_site: Site, cast: Cast, offers: Offers
) -> None:
    requests = Requests(chat.page)
    await begin(chat, scripted_site, cast, offers)
    await chat.ask(SHORT)
    assert await chat.ended() == "done"
    await chat.answers.last.get_by_label("More for this answer").click()
    await chat.page.get_by_role("button", name="Try again with thinking").click()
    await expect(chat.answers.last.get_by_label("Version 2 of 2")).to_be_visible()
    assert requests.last("regenerate")["options"] == {"effort": "medium"}
    await expect(summary(chat.page, EFFORT)).to_have_text("Thinking: off")
