"""The place in line on the page: said calmly, left by keyboard, readable by everybody."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, expect

from bench.script import prompt_for
from chat.actions.prompts import submit_prompt
from chat.options import Options
from chat.wish import Wish
from inference.models import ChatModel
from tests.browser.accessibility import DESKTOP, PHONE, assert_none, barriers
from tests.browser.chat_page import ChatPage, enter
from tests.browser.choosing import PICKER, choose
from tests.cast import Cast
from tests.models import add_model, withdraw
from tests.rows import stop_answers
from tests.site import ROOT, Site

PICTURES = ROOT / "tests/artifacts"
LOOKS = (("1280-light", DESKTOP, "light"), ("1280-dark", DESKTOP, "dark"), ("390-light", PHONE, "light"))
SLOW = prompt_for({"tokens": 40, "rate": 2})


@pytest.fixture
def narrow(scripted_site: Site, scripted: str, cast: Cast) -> Iterator[ChatModel]:
    """A model that makes one answer at a time, with a line before it."""
    model = add_model(cast.organization, f"{scripted}/v1", max_streams=1)
    for _ in range(8):
        submit_prompt(
            acting=cast.alice,
            conversation_id=uuid.uuid4(),
            message_id=uuid.uuid4(),
            parent_id=None,
            text=SLOW,
            wish=Wish(options=Options(model=model.id)),
        )
    yield model
    stop_answers()
    withdraw(model)


async def test_the_place_in_line_is_shown_and_left_by_keyboard(
    scripted_site: Site, cast: Cast, narrow: ChatModel, browser: Browser
) -> None:
    context = await browser.new_context(reduced_motion="reduce", viewport=DESKTOP)
    await enter(context, scripted_site, cast.bob)
    chat = ChatPage(await context.new_page())
    for _ in range(2):
        # Who asks in two conversations waits twice.
        await chat.open(f"{scripted_site.url}/o/{cast.organization.slug}/")
        await choose(chat.page, PICKER, narrow.name)
        await chat.ask(SLOW)
    line = chat.page.locator(".in-line")
    await expect(line).to_contain_text("in line")
    await expect(line.locator(".time")).not_to_be_empty(timeout=60_000)
    await expect(chat.page.locator("#announcer")).to_contain_text("in line")
    PICTURES.mkdir(exist_ok=True)
    for name, size, scheme in LOOKS:
        await chat.page.set_viewport_size(size)
        await chat.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        await chat.page.screenshot(path=PICTURES / f"chat-line-{name}.png")
    assert_none(await barriers(chat.page))
    leave = line.get_by_role("button", name="Leave the line")
    await leave.focus()
    await leave.press("Enter")
    assert await chat.ended() == "stopped"
    await expect(line).to_have_count(0)
    await expect(chat.prompt).to_be_focused()
    await expect(chat.answers.last).to_contain_text("You stopped this answer before it began.")
    await context.close()
