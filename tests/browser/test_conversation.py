"""What a person does on the conversation page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.async_api import Browser, expect

from bench.script import prompt_for
from chat.models import Conversation, Message
from tests.browser.accessibility import PHONE
from tests.browser.chat_page import ChatPage, enter
from tests.browser.sockets import drop_sockets, remember_sockets
from tests.cast import Cast
from tests.rows import in_thread, row_of
from tests.site import Site

LONG = prompt_for({"tokens": 4000, "rate": 40})
SHORT = prompt_for({"tokens": 12, "rate": 200})
BROKEN = prompt_for({"status": 500})


@pytest.fixture
async def chat(scripted_site: Site, cast: Cast, browser: Browser) -> ChatPage:
    """Bob's page, with nothing on it yet; what he asks is answered as he says."""
    return await open_home(scripted_site, cast, browser)


@pytest.fixture
async def quiet(site: Site, cast: Cast, browser: Browser) -> ChatPage:
    """Bob's page, on which nothing is asked."""
    return await open_home(site, cast, browser)


async def open_home(site: Site, cast: Cast, browser: Browser) -> ChatPage:
    context = await browser.new_context(permissions=["clipboard-read", "clipboard-write"], color_scheme="light")
    await enter(context, site, cast.bob)
    chat = ChatPage(await context.new_page())
    await chat.open(f"{site.url}/o/{cast.organization.slug}/")
    return chat


async def test_a_draft_survives_a_reload_and_belongs_to_its_conversation(chat: ChatPage) -> None:
    await chat.ask(SHORT)
    await chat.ended()
    await chat.prompt.type("first line")
    await chat.prompt.press("Shift+Enter")
    await chat.prompt.type("second line")
    await chat.page.reload()
    await expect(chat.prompt).to_have_value("first line\nsecond line")
    await chat.page.get_by_role("link", name="New chat").first.click()
    await expect(chat.prompt).to_have_value("")
    await chat.page.go_back()
    await expect(chat.prompt).to_have_value("first line\nsecond line")


async def test_stop_keeps_what_was_shown_and_says_so(chat: ChatPage) -> None:
    await chat.ask(LONG)
    await chat.shows(80)
    await chat.page.keyboard.press("Escape")
    assert await chat.ended() == "stopped"
    row = await in_thread(row_of, await chat.id_of_answer())
    assert row.words
    await expect(chat.answers.last).to_contain_text(row.words)
    kept = await chat.raw()
    assert len(kept) >= 80
    assert row.message.parts[0]["text"] == kept
    # The composer is free again.
    await chat.ask(SHORT)
    assert await chat.ended() == "done"


async def test_a_failed_answer_can_be_tried_again(chat: ChatPage) -> None:
    await chat.ask(BROKEN)
    assert await chat.ended() == "failed"
    first = await chat.id_of_answer()
    await chat.answers.last.get_by_role("button", name="Try again").click()
    await expect(chat.answers.last.get_by_label("Version 2 of 2")).to_be_visible()
    assert await chat.id_of_answer() != first
    assert await chat.ended() == "failed"


async def test_another_answer_stands_beside_the_first(chat: ChatPage) -> None:
    await chat.ask(SHORT)
    await chat.ended()
    first = await chat.id_of_answer()
    await chat.answers.last.get_by_role("button", name="Write another answer").click()
    await expect(chat.answers.last.get_by_label("Version 2 of 2")).to_be_visible()
    await chat.answers.last.get_by_role("button", name="Earlier version").click()
    await expect(chat.answers.last.get_by_label("Version 1 of 2")).to_be_visible()
    assert await chat.id_of_answer() == first
    await chat.page.reload()
    await expect(chat.answers.last.get_by_label("Version 1 of 2")).to_be_visible()


async def test_an_edited_prompt_begins_a_new_branch(chat: ChatPage) -> None:
    await chat.ask(SHORT)
    await chat.ended()
    asked = chat.page.locator(".message.user")
    await asked.get_by_role("button", name="Edit and send again").click()
    await chat.page.get_by_label("Edit the message").fill(prompt_for({"text": "Another branch."}))
    await chat.page.get_by_label("Edit the message").press("Enter")
    await expect(chat.answers.last.locator(".body")).to_have_text("Another branch.")
    await expect(asked.get_by_label("Version 2 of 2")).to_be_visible()


async def test_an_edit_waits_until_the_answer_has_ended(chat: ChatPage) -> None:
    await chat.ask(SHORT)
    await chat.ended()
    await chat.ask(LONG)
    await chat.shows(80)
    rewritten = prompt_for({"text": "Another branch."})
    editor = chat.page.get_by_label("Edit the message")
    await chat.page.get_by_role("button", name="Edit and send again").first.click()
    await editor.fill(rewritten)
    await editor.press("Enter")
    await expect(chat.page.get_by_text("Wait for it, or stop it.")).to_be_visible()
    await expect(editor).to_have_value(rewritten)
    await expect(chat.answers).to_have_count(2)
    await chat.page.get_by_role("button", name="Stop the answer").click()
    assert await chat.ended() == "stopped"
    await editor.press("Enter")
    await expect(chat.answers.last.locator(".body")).to_have_text("Another branch.")
    await expect(chat.answers).to_have_count(1)
    await expect(editor).to_have_count(0)


async def test_escape_closes_a_menu_before_it_stops_the_answer(chat: ChatPage) -> None:
    await chat.ask(LONG)
    await chat.shows(40)
    menu = chat.page.locator(".account details")
    await menu.locator("summary").click()
    await expect(menu).to_have_attribute("open", "")
    await chat.page.keyboard.press("Escape")
    await expect(menu).not_to_have_attribute("open", "")
    await expect(menu.locator("summary")).to_be_focused()
    # It still goes on after what the page shows now; the next press is for it.
    await chat.shows(len(await chat.words()) + 80)
    await chat.page.keyboard.press("Escape")
    assert await chat.ended() == "stopped"


async def test_a_continued_answer_looks_as_after_a_reload(chat: ChatPage, scripted_site: Site) -> None:
    await chat.ask(prompt_for({"tokens": 240, "rate": 40}))
    await chat.shows(80)
    scripted_site.kill("worker")
    assert await chat.ended() == "interrupted"
    shown = await chat.words()
    await in_thread(scripted_site.start_worker)
    await chat.answers.last.get_by_role("button", name="Continue").click()
    await expect(chat.answers.last).to_have_attribute("data-state", "done", timeout=120_000)
    assert len(await chat.words()) > len(shown)
    body = chat.answers.last.locator(".body")
    continued = await body.inner_html()
    await chat.page.reload()
    assert await chat.ended() == "done"
    assert await body.inner_html() == continued


async def test_try_again_can_be_pressed_again_when_it_was_not_heard(chat: ChatPage) -> None:
    await remember_sockets(chat.page.context)
    await chat.page.reload()
    await chat.connected()
    await chat.ask(BROKEN)
    assert await chat.ended() == "failed"
    again = chat.answers.last.get_by_role("button", name="Try again")
    await chat.page.context.set_offline(True)
    await drop_sockets(chat.page)
    await again.click()
    await expect(chat.page.get_by_text("Not connected at the moment.")).to_be_visible()
    await expect(again).to_be_enabled()
    await chat.page.context.set_offline(False)
    await chat.connected()
    await again.click()
    await expect(chat.answers.last.get_by_label("Version 2 of 2")).to_be_visible()


async def test_a_long_paste_arrives_whole(chat: ChatPage) -> None:
    text = "Zeile mit Ümläuten 🌕\n" * 4_000 + SHORT
    await chat.page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    await chat.prompt.press("Control+v")
    await expect(chat.prompt).to_have_value(text)
    await chat.prompt.press("Enter")
    assert await chat.ended() == "done"
    await expect(chat.page.get_by_role("button", name="Show all")).to_be_visible()
    shown = await chat.page.locator(".message.user .words").text_content()
    assert shown == text
    row = await in_thread(row_of, await chat.id_of_answer())
    asked = await in_thread(lambda: Message.objects.get(id=str(row.message.parent_id)))
    assert asked.parts == [{"type": "text", "text": text}]


async def test_the_list_renames_pins_searches_deletes_and_undoes(quiet: ChatPage, cast: Cast) -> None:
    chat = quiet
    for title in ("Alder", "Birch", "Cedar"):
        await in_thread(Conversation.objects.create, organization=cast.organization, owner=cast.bob.user, title=title)
    await chat.page.reload()
    assert await chat.titles() == ["Cedar", "Birch", "Alder"]
    await chat.row_menu("Birch", "Rename")
    await chat.page.get_by_role("textbox", name="Title").fill("Beech & <b>Oak</b>")
    await chat.page.get_by_role("textbox", name="Title").press("Enter")
    await expect(chat.page.locator("#list .words")).to_have_text(["Cedar", "Beech & <b>Oak</b>", "Alder"])
    await chat.row_menu("Alder", "Pin")
    await expect(chat.page.locator("#list .words")).to_have_text(["Alder", "Cedar", "Beech & <b>Oak</b>"])
    await expect(chat.page.locator("#list h2").first).to_have_text("Pinned")
    await chat.page.keyboard.press("Control+k")
    await chat.page.keyboard.type("oak")
    await expect(chat.page.locator("#list .words")).to_have_text(["Beech & <b>Oak</b>"])
    await chat.page.keyboard.type("zzz")
    await expect(chat.page.locator("#list .nothing")).to_have_text("No title contains “oakzzz”.")
    await chat.page.get_by_label("Search by title").fill("")
    await expect(chat.page.locator("#list .words")).to_have_count(3)
    await chat.row_menu("Cedar", "Delete")
    await expect(chat.page.locator("#list .words")).to_have_count(2)
    await chat.page.get_by_role("button", name="Undo").click()
    await expect(chat.page.locator("#list .words")).to_have_text(["Alder", "Cedar", "Beech & <b>Oak</b>"])


async def test_what_cannot_be_brought_back_is_said_to_be_gone(quiet: ChatPage, cast: Cast) -> None:
    chat = quiet
    place = {"organization": cast.organization, "owner": cast.bob.user}
    kept = await in_thread(lambda: Conversation.objects.create(title="Cedar", **place))
    await chat.page.reload()
    await chat.row_menu("Cedar", "Delete")
    await expect(chat.page.locator("#list .words")).to_have_count(0)
    # Its time is over, and no run has deleted it.
    long_ago = timezone.now() - timedelta(days=9)
    await in_thread(lambda: Conversation.objects.filter(id=kept.id).update(deleted_at=long_ago))
    await chat.page.get_by_role("button", name="Undo").click()
    await expect(chat.page.get_by_text("This conversation is gone.")).to_be_visible()
    assert (await in_thread(Conversation.objects.get, id=kept.id)).deleted_at == long_ago


async def test_another_tab_hears_of_the_list_at_once(chat: ChatPage) -> None:
    other = ChatPage(await chat.page.context.new_page())
    await other.open(chat.page.url)
    await chat.ask(SHORT)
    await chat.ended()
    await expect(other.page.locator("#list .words")).to_have_count(1)


async def test_keys_do_what_the_sheet_says(chat: ChatPage) -> None:
    page = chat.page
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    await page.locator("#room").click(position={"x": 5, "y": 300})
    await page.keyboard.press("?")
    await expect(sheet).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()
    await page.keyboard.press("/")
    await expect(chat.prompt).to_be_focused()
    await page.keyboard.press("Control+b")
    await expect(page.get_by_label("Search by title")).to_be_hidden()
    await page.keyboard.press("Control+k")
    await expect(page.get_by_label("Search by title")).to_be_focused()
    await chat.ask(SHORT)
    await chat.ended()
    await page.keyboard.press("Control+Shift+C")
    await expect(page.get_by_text("Answer copied.")).to_be_visible()
    row = await in_thread(row_of, await chat.id_of_answer())
    assert await page.evaluate("navigator.clipboard.readText()") == row.message.parts[0]["text"]
    await page.keyboard.press("Control+Shift+O")
    await expect(chat.answers).to_have_count(0)
    await expect(page).to_have_url(re.compile("/o/[^/]+/$"))


async def test_the_focus_goes_where_the_list_goes(quiet: ChatPage) -> None:
    page = quiet.page
    hide, show = (page.get_by_role("button", name=f"{act} the list") for act in ("Hide", "Show"))
    await expect(hide).to_have_attribute("aria-expanded", "true")
    await hide.click()
    await expect(show).to_be_focused()
    await expect(show).to_have_attribute("aria-expanded", "false")
    await page.reload()
    await show.click()
    await expect(hide).to_be_focused()
    await page.set_viewport_size(PHONE)
    await expect(hide).to_be_hidden()
    await show.click()
    await expect(hide).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(show).to_be_focused()
    await expect(hide).to_be_hidden()


async def test_a_little_scrolling_up_lets_go_of_the_end(chat: ChatPage) -> None:
    await chat.page.set_viewport_size({"width": 600, "height": 420})
    await chat.ask(LONG)
    await chat.page.wait_for_function("() => scroller.scrollHeight > scroller.clientHeight + 100")
    top = await chat.evaluate("scroller.scrollBy(0, -40), scroller.scrollTop")
    await chat.shows(len(await chat.words()) + 200)
    assert await chat.evaluate("scroller.scrollTop") == top
    await chat.evaluate("scroller.scrollTo(0, scroller.scrollHeight)")
    await chat.shows(len(await chat.words()) + 200)
    assert await chat.evaluate("scroller.scrollTop") > top + 60


async def test_what_could_not_be_done_to_the_list_is_said(quiet: ChatPage, cast: Cast) -> None:
    chat = quiet
    await in_thread(Conversation.objects.create, organization=cast.organization, owner=cast.bob.user, title="Alder")
    await chat.page.reload()
    await chat.connected()
    await chat.page.context.set_offline(True)
    await chat.row_menu("Alder", "Delete")
    await expect(chat.page.get_by_text("That did not work.")).to_be_visible()
    assert await chat.titles() == ["Alder"]


async def test_dark_is_chosen_once_and_kept(quiet: ChatPage) -> None:
    page = quiet.page
    paper = "getComputedStyle(document.body).backgroundColor"
    light = await page.evaluate(paper)
    await page.locator(".account summary").click()
    await page.get_by_role("button", name="Dark").click()
    dark = await page.evaluate(paper)
    assert brightness(dark) < 60 < 200 < brightness(light)
    await page.reload()
    assert await page.evaluate(paper) == dark
    await page.goto(page.url.split("/o/")[0] + "/account/profile/")
    assert brightness(await page.evaluate(paper)) < 60


def brightness(colour: str) -> float:
    channels = [float(one) for one in re.findall(r"[\d.]+", colour)[:3]]
    return sum(channels) / 3


async def test_markdown_keeps_what_its_marks_mean(chat: ChatPage) -> None:
    text = "| a | b |\n|--:|:-:|\n| 1 | 2 |\n\n3. third\n4. fourth\n\n- [x] done\n\n`code` and $x^2$\n"
    await chat.ask(prompt_for({"text": text}))
    await chat.ended()
    answer = chat.answers.last
    await expect(answer.get_by_role("cell", name="1")).to_have_css("text-align", "right")
    await expect(answer.get_by_role("cell", name="2")).to_have_css("text-align", "center")
    await expect(answer.locator("ol")).to_have_attribute("start", "3")
    await expect(answer.get_by_role("checkbox")).to_be_checked()
    await expect(answer.locator("math msup")).to_be_visible()
