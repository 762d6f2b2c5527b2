"""A policy from its first rule to a reviewer's word, as an owner, a member and a reviewer live it."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import pytest
from django.urls import reverse
from playwright.async_api import Browser, Locator, Page, expect

from accounts.models import Membership
from bench.script import prompt_for, veiled
from tests.browser.accessibility import DESKTOP, assert_none, barriers
from tests.browser.breaches import breaches
from tests.browser.chat_page import ChatPage, enter
from tests.browser.stations import picture, pictures
from tests.browser.traces import Received, traces
from tests.cast import Cast
from tests.rows import in_thread, row_of
from tests.site import ROOT, Site, wait_until
from tests.withheld import reviewer

NAME = "Kestrel Ridge"
CARD = "4539 1864 0275 3619"
LEAD = "The launch was moved to the first week of June, and the team is glad about it."
PAID = f"Pay by card {CARD}.\n\nThe invoice is due on Friday."
TOLD = f"{LEAD} Inside the house it is called **{NAME}** until then. " + "The river bends and goes on. " * 28


# Slow enough that its end is still to come when the name is found.
THEN = {"base64": veiled(TOLD), "rate": 25}
PROMPT = "Write to our supplier. " + prompt_for({"base64": veiled(PAID), "rate": 100, "then": THEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A member's tab, what its sockets receive, and every breach of its content policy."""

    chat: ChatPage
    received: Received
    broken: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The organization's site, and the owner's tab in its console."""

    site: Site
    cast: Cast
    owner: Page
    engine: str

    def address(self, name: str) -> str:
        return self.site.url + reverse(f"console:{name}", args=[self.cast.organization.slug])


@pytest.fixture
async def house(scripted_site: Site, scripted: str, cast: Cast, browser: Browser) -> AsyncIterator[House]:
    owner = await new_page(browser, scripted_site, cast.alice)
    broken = await breaches(owner)
    yield House(site=scripted_site, cast=cast, owner=owner, engine=scripted)
    assert_none(broken)
    await owner.context.close()


async def new_page(browser: Browser, site: Site, member: Membership) -> Page:
    context = await browser.new_context(reduced_motion="reduce", color_scheme="light", viewport=DESKTOP)
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await enter(context, site, member)
    return await context.new_page()


async def tab_of(page: Page, url: str) -> Tab:
    """Open a page of the chat."""
    tab = Tab(chat=ChatPage(page), received=Received(page), broken=await breaches(page))
    await tab.chat.open(url)
    return tab


async def test_a_policy_from_its_first_rule_to_a_reviewers_word(house: House, browser: Browser) -> None:
    rhea = await in_thread(reviewer, house.cast.bob)
    first = await tab_of(
        await new_page(browser, house.site, house.cast.bob), f"{house.site.url}/o/{house.cast.organization.slug}/"
    )
    await write_rule(house)
    await try_it(house.owner)
    await fail_a_case(house.owner)
    await publish(house.owner)
    await is_redacted(first.chat)
    second = await tab_of(await first.chat.page.context.new_page(), first.chat.page.url)
    await is_cut_off(house, [first, second])
    await asks_for_a_review(first.chat, second.chat)
    inbox = await new_page(browser, house.site, rhea)
    await overturns(inbox, house.address("reviews"))
    await is_told(house, first.chat, second.chat)
    await reads_no_text(house)
    await looks_back(house)
    await adds_up(house)
    assert_none([*first.broken, *second.broken])
    for page in (inbox, first.chat.page):
        await page.context.close()


async def write_rule(house: House) -> None:
    """Begin with a template, and add a rule that blocks a code name."""
    page = house.owner
    await page.goto(house.address("policy"))
    await picture(page, "01-templates")
    await page.get_by_role("button", name="Start from this General business").click()
    await expect(page.get_by_text("is now your draft")).to_be_visible()
    await picture(page, "02-draft")
    await page.get_by_role("link", name="New rule").click()
    await page.get_by_label("Name", exact=True).fill("Unannounced projects")
    await page.get_by_label("Category", exact=True).select_option(label="A new category …")
    await page.get_by_label("Name of the new category").fill("Project names")
    await page.locator("#id_terms").fill(NAME)
    await page.get_by_role("radio", name="Block it").check()
    await picture(page, "03-rule", whole=True)
    await page.get_by_role("button", name="Save the rule").click()
    await expect(page.get_by_text("“Unannounced projects” is saved.")).to_be_visible()


async def try_it(page: Page) -> None:
    """See what the rules do, as one types."""
    await page.get_by_label("Text to try").press_sequentially(f"Who pays for {NAME}?")
    await expect(page.locator("#outcomes mark.verdict-block").first).to_have_text(NAME)
    await expect(page.locator("#outcomes")).to_contain_text("Nothing more is shown.")
    await picture(page, "04-trial")


async def fail_a_case(page: Page) -> None:
    """Write a golden case that is wrong: nothing can be published until it is put right."""
    await page.get_by_role("link", name="New case").click()
    await page.get_by_label("Text", exact=True).fill(f"When does {NAME} begin?")
    await page.get_by_label("It stands in").select_option("prompt")
    await page.get_by_label("This must happen", exact=True).select_option("allow")
    await page.get_by_role("button", name="Save").click()
    await page.get_by_role("button", name="Run the golden cases").click()
    await expect(page.get_by_role("heading", name="Golden cases 1 fails")).to_be_visible()
    await expect(page.locator(".failing")).to_contain_text("expected: Passes, found: Blocked")
    await expect(page.locator(".policy-way")).to_contain_text("1 fails now.")
    await expect(page.get_by_role("button", name="Publish…")).to_have_count(0)
    await picture(page, "05-failing-case")
    await page.evaluate("scrollTo(0, 0)")
    await picture(page, "06-refused")
    await page.locator(".failing").get_by_role("link", name="Edit").click()
    await page.get_by_label("This must happen", exact=True).select_option("block")
    await page.get_by_role("button", name="Save").click()


async def publish(page: Page) -> None:
    """Run the cases, which pass, and publish."""
    await page.get_by_role("button", name="Run the golden cases").click()
    await expect(page.get_by_role("heading", name="Golden cases All pass")).to_be_visible()
    await page.get_by_role("button", name="Publish…").click()
    await picture(page, "07-publish")
    await page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    await expect(page.get_by_text("It holds for every answer that begins from now on.")).to_be_visible()
    await picture(page, "08-published")


async def is_redacted(chat: ChatPage) -> None:
    """Ask in a chat that was open all the time; a label stands where the card's number was."""
    await chat.ask(PROMPT)
    assert await chat.ended() == "done"
    await expect(chat.answers.last.locator(".redacted")).to_have_count(1)
    assert (await chat.raw()).startswith("Pay by card [redacted: Payment details].")
    await expect(chat.page.locator("#title")).to_have_text("Pay by card [redacted: Payment details]")
    await picture(chat.page, "09-redacted")


async def is_cut_off(house: House, tabs: Sequence[Tab]) -> None:
    """Ask on; the answer ends before the name, in both tabs, and the name is nowhere but in the policy."""
    await tabs[0].chat.ask("And what is new with the launch?")
    for tab in tabs:
        assert await tab.chat.ended() == "withheld"
        await expect(receipt(tab.chat)).to_contain_text("The rest of this answer is not shown.")
        await expect(receipt(tab.chat)).to_contain_text("“Project names”")
        await expect(tab.chat.answers.last.locator(".prose")).to_have_text(f"{LEAD} Inside the house it is called")
        assert tab.received.holds(LEAD)
        for text in (NAME, CARD):
            assert not tab.received.holds(text)
            assert text.lower() not in (await tab.chat.page.content()).lower()
    await asyncio.to_thread(wait_until, lambda: is_closed(house.engine), "the end of the request")
    await pictures(tabs[0].chat.page, "10-withheld")
    site = house.site
    assert {"chat_message", "valkey"} <= await asyncio.to_thread(traces, site, LEAD)
    assert await asyncio.to_thread(traces, site, NAME) == {"moderation_policyversion"}
    assert await asyncio.to_thread(traces, site, CARD) == set()


def is_closed(engine: str) -> bool:
    """Say whether the last answer was given up before the engine had written it."""
    with urllib.request.urlopen(f"{engine}/_log", timeout=10) as answer:
        last = [one for one in json.load(answer) if one["text"].startswith(LEAD)][-1]
    assert last["last_byte"] is None, "the engine was not stopped in time"
    return bool(last["closed_by_client"])


def receipt(chat: ChatPage) -> Locator:
    return chat.page.locator(".receipt").last


async def asks_for_a_review(chat: ChatPage, other: ChatPage) -> None:
    """Ask for a review with a note; the other tab knows too."""
    await chat.page.bring_to_front()
    await receipt(chat).get_by_role("button", name="Ask for a review").click()
    await chat.page.keyboard.type("The name is on our public roadmap since Monday.")
    await picture(chat.page, "11-asking")
    await receipt(chat).get_by_role("button", name="Ask for a review").click()
    for one in (chat, other):
        await expect(receipt(one)).to_contain_text("You asked for a review.")
    await pictures(chat.page, "12-asked")


async def overturns(page: Page, inbox: str) -> None:
    """Read the window, let the text pass, and make it a golden case."""
    await page.goto(inbox)
    await picture(page, "13-inbox")
    await page.get_by_role("link", name="Open").click()
    await expect(page.locator("mark")).to_have_text(NAME)
    excerpt = await page.locator(".excerpt").inner_text()
    assert len(excerpt) <= 2 * 200 + len(NAME) + len(" … ") * 2
    assert CARD not in await page.content()
    await expect(page.get_by_text("The name is on our public roadmap since Monday.")).to_be_visible()
    assert_none(await barriers(page))
    await page.get_by_label("Note to the member").fill("Right, it is public by now.")
    await page.get_by_label("Make this a golden case").check()
    await page.get_by_label("Text of the case").fill(f"The project is called {NAME}.")
    await picture(page, "14-review", whole=True)
    await page.get_by_role("button", name="Overturn").click()
    await expect(page.get_by_text("Decided. Bob is told.")).to_be_visible()
    await picture(page, "15-decided")


async def is_told(house: House, *chats: ChatPage) -> None:
    """Every open tab shows what became of it, and the rest of the answer, without being loaded again."""
    for chat in chats:
        await expect(receipt(chat)).to_contain_text("A reviewer let this part of the answer pass.")
        await expect(receipt(chat)).to_contain_text("Right, it is public by now.")
        await expect(chat.answers.last).to_contain_text(NAME)
    row = await in_thread(row_of, await chats[0].id_of_answer())
    assert NAME in json.dumps(row.message.parts)
    await pictures(chats[0].page, "16-overturned")


async def reads_no_text(house: House) -> None:
    """Counts and outcomes are the owner's to see; what was withheld is not, even after it was let pass."""
    for name, words in (("reviews", "Let pass"), ("moderation", "Unannounced projects"), ("audit", "review")):
        await house.owner.goto(f"{house.address(name)}?show=decided&by=rule")
        await expect(house.owner.locator("main")).to_contain_text(words)
        assert NAME not in await house.owner.content()
        await picture(house.owner, f"17-{name}")


async def looks_back(house: House) -> None:
    """Take the rule away from answers in the draft that the reviewer's case is in, and run it over what was said."""
    page = house.owner
    await page.goto(house.address("policy"))
    await picture(page, "17-policy", whole=True)
    await page.get_by_role("link", name="Edit version 2").click()
    await page.get_by_role("link", name="Edit Unannounced projects").click()
    await page.get_by_role("checkbox", name=re.compile("^Answers")).uncheck()
    await page.get_by_role("button", name="Save the rule").click()
    await page.get_by_role("button", name="Run the golden cases").click()
    await expect(page.get_by_role("heading", name="Golden cases All pass")).to_be_visible()
    await picture(page, "18-new-draft")
    await page.get_by_role("link", name="Backtest it").click()
    await page.get_by_role("button", name="Run").click()
    verdicts = page.get_by_role("region", name="Before and after")
    await expect(verdicts).to_be_visible(timeout=120_000)
    blocked = verdicts.get_by_role("row", name=re.compile("^Blocked"))
    await expect(blocked.get_by_role("cell")).to_contain_text(["1", "0"])
    await expect(page.get_by_role("heading", name="What changes, by rule")).to_be_visible()
    await expect(page.get_by_role("region", name="What changes, by rule")).to_contain_text("Unannounced projects")
    assert_none(await barriers(page))
    await picture(page, "19-backtest", whole=True)


async def adds_up(house: House) -> None:
    """Everything that was shown had been read, as an operator finds out."""
    command = [sys.executable, "manage.py", "moderation_coverage", "--organization", house.cast.organization.slug]
    ended = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert "Everything adds up." in ended.stdout
    assert re.search(r"^answer .*[1-9]", ended.stdout, re.MULTILINE)
