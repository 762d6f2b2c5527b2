"""Answers for machines that people look at: JSON as tree, table and source; tools that were asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Download, Locator, expect

from chat.models import Conversation, Generation, Message
from tests.browser.accessibility import assert_none, barriers
from tests.browser.breaches import breaches
from tests.browser.chat_page import ChatPage, enter
from tests.cast import Cast
from tests.rows import in_thread
from tests.site import Site

NOTE = "Please pay within thirty days. " * 20
INVOICE = {
    "number": "2026-0117",
    "customer": {"name": "Blue Harbour", "address": {"street": "12 Quay Road", "city": "Hull"}},
    "lines": [{"text": "Consulting", "hours": 12.5}, {"text": "<img src=x onerror=alert(1)>", "hours": 3}],
    "note": NOTE,
}
CITIES = '{"cities": [{"city": "Rome", "people": 2748109}, {"city": "=1+1", "people": 12345678901234567890}]}'


@pytest.fixture
async def chat(site: Site, cast: Cast, browser: Browser) -> ChatPage:
    """Bob's page, before anything is opened."""
    context = await browser.new_context(permissions=["clipboard-read", "clipboard-write"], reduced_motion="reduce")
    await enter(context, site, cast.bob)
    return ChatPage(await context.new_page())


async def show(chat: ChatPage, site: Site, cast: Cast, *parts: dict[str, Any]) -> Locator:
    """Open a conversation whose answer has these parts; return the answer."""
    place = await in_thread(write_down, cast, list(parts))
    await chat.open(f"{site.url}/o/{cast.organization.slug}/c/{place.id}/")
    return chat.answers.last


def write_down(cast: Cast, parts: list[dict[str, Any]]) -> Conversation:
    place = Conversation.objects.create(organization=cast.organization, owner=cast.bob.user, title="Results")
    asked = Message.objects.create(
        conversation=place, role=Message.Role.USER, parts=[{"type": "text", "text": "Read this."}]
    )
    answered = Message.objects.create(conversation=place, role=Message.Role.ASSISTANT, parent=asked, parts=parts)
    Generation.objects.create(message=answered, organization=cast.organization, user=cast.bob.user, state="done")
    Conversation.objects.filter(id=place.id).update(head=answered)
    return place


def result(text: str, **facts: object) -> dict[str, Any]:
    return {"type": "json", "text": text, "schema": "", "valid": True, "problem": "", **facts}


async def saved(download: Download) -> str:
    return Path(await download.path()).read_bytes().decode()


async def test_a_result_is_a_tree_for_the_keyboard(chat: ChatPage, site: Site, cast: Cast) -> None:
    answer = await show(chat, site, cast, result(json.dumps(INVOICE), schema="Invoice"))
    tree = answer.get_by_role("tree", name="Invoice")
    await expect(tree).to_contain_text("2026-0117")
    # Text stays text.
    await tree.get_by_role("treeitem", name="2 2 fields").click()
    await expect(tree).to_contain_text("<img src=x onerror=alert(1)>")
    customer = tree.get_by_role("treeitem", name="customer 2 fields")
    address = tree.get_by_role("treeitem", name="address 2 fields")
    await customer.focus()
    await expect(customer).to_have_attribute("aria-expanded", "true")
    await chat.page.keyboard.press("ArrowDown")
    await chat.page.keyboard.press("ArrowDown")
    await expect(address).to_be_focused()
    await expect(address).to_have_attribute("aria-expanded", "false")
    await chat.page.keyboard.press("ArrowRight")
    await chat.page.keyboard.press("ArrowRight")
    await expect(tree.get_by_role("treeitem", name="street 12 Quay Road")).to_be_focused()
    await chat.page.keyboard.press("ArrowLeft")
    await chat.page.keyboard.press("ArrowLeft")
    await expect(address).to_have_attribute("aria-expanded", "false")
    await expect(tree.get_by_role("treeitem", name="street 12 Quay Road")).to_be_hidden()
    await chat.page.keyboard.press("End")
    note = tree.get_by_role("treeitem", name="note Please")
    await expect(note).to_be_focused()
    await expect(note.locator(".value")).not_to_have_text(NOTE.strip())
    await chat.page.keyboard.press("Enter")
    await expect(note.locator(".value")).to_have_text(NOTE.strip())
    await chat.page.keyboard.press("Home")
    await expect(tree.get_by_role("treeitem").first).to_be_focused()
    # One stop of the Tab key, however large it is.
    assert await tree.locator('[tabindex="0"]').count() == 1


async def test_a_list_is_a_table_to_take_along(chat: ChatPage, site: Site, cast: Cast) -> None:
    answer = await show(chat, site, cast, result(CITIES))
    await expect(answer.get_by_role("columnheader")).to_have_text(["city", "people"])
    await expect(answer.get_by_role("cell", name="12345678901234567890")).to_have_css("text-align", "right")
    await answer.get_by_role("button", name="Tree", exact=True).click()
    await expect(answer.get_by_role("tree")).to_be_visible()
    await expect(answer.get_by_role("table")).to_have_count(0)
    await answer.get_by_role("button", name="Source").click()
    await expect(answer.locator("pre")).to_contain_text('"people": 12345678901234567890')
    await answer.get_by_role("button", name="Copy the JSON").click()
    await expect(answer.get_by_role("button", name="Copied")).to_be_visible()
    assert json.loads(await chat.evaluate("navigator.clipboard.readText()")) == json.loads(CITIES)
    async with chat.page.expect_download() as kept:
        await answer.get_by_role("button", name="Download as JSON").click()
    assert (await kept.value).suggested_filename == "result.json"
    assert json.loads(await saved(await kept.value)) == json.loads(CITIES)
    async with chat.page.expect_download() as kept:
        await answer.get_by_role("button", name="Download as CSV").click()
    assert (await saved(await kept.value)).removeprefix("\ufeff") == (
        "city,people\r\nRome,2748109\r\n'=1+1,12345678901234567890\r\n"
    )


async def test_what_is_not_valid_is_said_and_shown_as_it_came(chat: ChatPage, site: Site, cast: Cast) -> None:
    text, problem = '{"total": "a lot"}', "“total” must be a number."
    answer = await show(
        chat,
        site,
        cast,
        result(text, valid=False, problem=problem),
        result('{"a": [', valid=False, problem="It is cut."),
    )
    await expect(answer.locator(".json")).to_have_count(2)
    misfit, broken = await answer.locator(".json").all()
    await expect(misfit.locator(".json-problem")).to_have_text(problem)
    await expect(misfit.locator("pre")).to_contain_text('"total": "a lot"')
    await expect(misfit.get_by_role("button", name="Source")).to_have_attribute("aria-pressed", "true")
    await expect(broken.locator(".json-problem")).to_have_text("It is cut.")
    await expect(broken.locator("pre")).to_have_text('{"a": [')
    await expect(broken.get_by_role("button", name="Tree")).to_have_count(0)


async def test_a_large_result_opens_in_portions(chat: ChatPage, site: Site, cast: Cast) -> None:
    rows = [{"id": number, "tags": [f"tag {number}"], "text": "word " * 12} for number in range(2000)]
    text = json.dumps(rows)
    assert len(text) > 200_000
    answer = await show(chat, site, cast, result(text))
    more = answer.get_by_role("treeitem", name="Show 100 more of 1,900")
    await expect(more).to_be_visible()
    assert await answer.get_by_role("treeitem").count() == 101
    await more.click()
    await expect(answer.get_by_role("treeitem", name="101 3 fields")).to_be_focused()
    assert await answer.get_by_role("treeitem").count() == 201


async def test_a_tool_is_shown_and_not_run(chat: ChatPage, site: Site, cast: Cast) -> None:
    good = {"type": "tool_call", "id": "1", "name": "get_weather", "text": '{"city": "Hull"}', "problem": ""}
    bad = {**good, "text": "{'city': Hull", "problem": "The arguments are not JSON."}
    answer = await show(chat, site, cast, good, bad)
    await expect(answer.get_by_role("tree")).to_be_visible()
    called, broken = await answer.get_by_role("group", name="Tool call: get_weather").all()
    await expect(called).to_contain_text("Not run")
    await expect(called.get_by_role("tree", name="Arguments")).to_contain_text("Hull")
    await expect(broken).to_contain_text("The arguments are not JSON.")
    await expect(broken.locator("pre")).to_have_text("{'city': Hull")


async def test_everybody_can_use_results(chat: ChatPage, site: Site, cast: Cast) -> None:
    found = await breaches(chat.page)
    tool = {"type": "tool_call", "id": "1", "name": "get_weather", "text": '{"city": "Hull"}', "problem": ""}
    thought = {"type": "reasoning", "text": "Fields first.", "seconds": 12, "tokens": 340, "budget": 1024}
    invalid = result('{"a": [', valid=False, problem="The text ends too early.")
    answer = await show(
        chat, site, cast, thought, result(json.dumps(INVOICE), schema="Invoice"), result(CITIES), invalid, tool
    )
    await expect(answer.get_by_role("table")).to_be_visible()
    await expect(answer.get_by_role("tree")).to_have_count(2)
    found += await barriers(chat.page)
    for source in await answer.get_by_role("button", name="Source").all():
        await source.click()
    await answer.locator("summary", has_text="Thought").click()
    await answer.get_by_label("More for this answer").click()
    found += await barriers(chat.page)
    assert_none(found)
