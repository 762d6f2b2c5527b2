"""Limits in a real browser: set by keyboard with a look at who is affected, met in the chat, read by oneself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from playwright.async_api import Browser, BrowserContext, Page, expect

from accounts.actions.groups import add_to_group, create_group
from accounts.models import Membership
from bench.script import prompt_for
from inference.models import LedgerEntry, OrganizationRules, QuotaLimit
from tests.browser.accessibility import DESKTOP, PHONE, assert_none, barriers, keyboard_barriers
from tests.browser.breaches import breaches
from tests.browser.chat_page import ChatPage, enter
from tests.browser.console_page import address
from tests.browser.pictures import photograph
from tests.cast import Cast, join, person
from tests.limits import set_limit
from tests.rows import in_thread
from tests.site import ROOT, Site

PICTURES = ROOT / "tests/artifacts"
NAMES = ("Maya Lindqvist", "Jonas Weber", "Priya Raman", "Tomás Oliveira", "Aiko Tanaka", "Lena Fischer")
SHORT = prompt_for({"text": "It is quiet there in autumn.", "rate": 200})


def spend(member: Membership, tokens: int, groups: list[int] | None = None) -> None:
    """Say that somebody's call was settled with so many tokens."""
    LedgerEntry.objects.create(
        purpose="answer",
        outcome="done",
        organization_id=member.organization_id,
        user_id=member.user_id,
        groups=groups or [],
        prompt_tokens=tokens * 3 // 4,
        answer_tokens=tokens - tokens * 3 // 4,
        settled_at=timezone.now(),
    )


def staff(cast: Cast) -> None:
    """Let a handful of people use a good deal."""
    group = create_group(acting=cast.alice, name="Research")
    for number, name in enumerate(NAMES):
        member = join(cast.organization, person(name))
        if number < 3:
            add_to_group(acting=cast.alice, group=group, member=member)
        spend(member, 14_300 * number + 900, [group.id] if number < 3 else [])


def limit(cast: Cast) -> None:
    """Set a limit of every kind, and one of the operator's."""
    group = cast.organization.groups.get()
    tokens: dict[str, Any] = {"acting": cast.alice, "measure": "tokens"}
    set_limit(**tokens, subject="organization", period="month", soft=400_000, hard=500_000)
    set_limit(**tokens, subject="group", group_id=group.id, period="day", soft=40_000, hard=50_000)
    set_limit(**tokens, subject="member", period="day", soft=50_000, hard=70_000)
    set_limit(
        acting=cast.alice,
        subject="group-member",
        group_id=group.id,
        measure="requests",
        period="minute",
        soft=None,
        hard=10,
    )
    set_limit(**tokens, subject="person", user_id=cast.bob.user_id, period="hour", soft=None, hard=9_000)
    QuotaLimit.objects.create(
        organization=cast.organization, subject="member", measure="budget", hard=16_384, by_operator=True
    )


async def test_a_limit_is_set_by_keyboard_after_a_look_at_who_is_affected(site: Site, cast: Cast, page: Page) -> None:
    await in_thread(staff, cast)
    await page.goto(address(site, cast, "quotas"))
    await expect(page.get_by_text("No limits yet")).to_be_visible()
    await photograph(page, "quotas-empty")
    problems = [*await keyboard_barriers(page, "#part .button"), *await barriers(page)]
    await page.get_by_role("link", name="Each member: 100,000 tokens a day").press("Enter")
    effect = page.locator("#effect")
    await expect(effect).to_contain_text("It would hold for 8 people. Nobody has used that much yet.")
    await page.get_by_label("Warn at").fill("30k")
    await page.get_by_label("Stop at").fill("lots")
    await expect(effect).to_contain_text("Write a whole number, such as 20,000 or 20k or 1.5M.")
    await page.get_by_label("Stop at").fill("60 000")
    await expect(effect).to_contain_text(
        "Each member may use at most 60,000 tokens per day, with a warning from 30,000"
    )
    await expect(effect.get_by_role("row").nth(1)).to_contain_text("Lena Fischer")
    await expect(effect.get_by_role("row").nth(1)).to_contain_text("Stopped now")
    await expect(effect).to_contain_text("1 has reached where it stops already and 2 are past the warning already.")
    problems += [*await keyboard_barriers(page, ".save-row button[type=submit]"), *await barriers(page)]
    await photograph(page, "quota-new")
    await page.get_by_label("Stop at").press("Enter")
    await expect(page.get_by_text("It holds from the next message on.")).to_be_visible()
    await expect(page.get_by_text("It holds for 8 people; 1 has reached it; 2 are past the warning.")).to_be_visible()
    await page.get_by_role("button", name="Remove the limit: Each member").press("Enter")
    problems += await barriers(page)
    await page.get_by_role("dialog").get_by_role("button", name="Remove").press("Enter")
    await expect(page.get_by_text("Removed. It holds nobody back any more")).to_be_visible()
    assert_none(problems)


async def test_all_limits_and_all_people_are_looked_at(site: Site, cast: Cast, page: Page) -> None:
    await in_thread(staff, cast)
    await in_thread(limit, cast)
    await page.goto(address(site, cast, "quotas"))
    await expect(page.get_by_text("Set by the operator")).to_be_visible()
    await photograph(page, "quotas")
    problems = [*await keyboard_barriers(page, "#part .quota .button"), *await barriers(page)]
    await page.get_by_role("link", name="By person").press("Enter")
    rows = page.get_by_role("row")
    await expect(rows.nth(1)).to_contain_text("Lena Fischer")
    await photograph(page, "quota-people")
    problems += [*await keyboard_barriers(page, "#people tbody a"), *await barriers(page)]
    await page.get_by_role("link", name="Person", exact=True).press("Enter")
    await expect(rows.nth(1)).to_contain_text("Aiko Tanaka")
    await page.get_by_label("Search by name or email").fill("jonas")
    await expect(rows).to_have_count(2)
    await page.get_by_role("link", name="Jonas Weber").press("Enter")
    await expect(page.get_by_role("heading", name="What applies to Jonas Weber")).to_be_visible()
    await photograph(page, "applies")
    problems += [*await keyboard_barriers(page, "#applies a"), *await barriers(page)]
    await page.get_by_label("Search the settings").fill("tokens day")
    await expect(page.get_by_role("heading", name="Limits")).to_be_visible()
    await expect(page.get_by_role("heading", name="Signing in")).to_have_count(0)
    await page.emulate_media(media="print")
    await expect(page.get_by_role("navigation", name="Organization")).to_be_hidden()
    assert_none(problems)


async def tab_of(browser: Browser, site: Site, member: Membership) -> tuple[BrowserContext, ChatPage]:
    looks: dict[str, Any] = {"reduced_motion": "reduce", "color_scheme": "light", "viewport": DESKTOP}
    # Two hours ahead of the server, all year round.
    context = await browser.new_context(**looks, timezone_id="Africa/Tripoli")
    await enter(context, site, member)
    chat = ChatPage(await context.new_page())
    return context, chat


async def picture(page: Page, name: str) -> None:
    """Take a page of the chat as one sees it, on a desk, in the dark and on a phone."""
    PICTURES.mkdir(exist_ok=True)
    for size, scheme, where in ((DESKTOP, "light", "desk"), (DESKTOP, "dark", "dark"), (PHONE, "light", "phone")):
        await page.set_viewport_size(size)
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await page.screenshot(path=PICTURES / f"chat-{name}-{where}.png")
    await page.set_viewport_size(DESKTOP)
    await page.emulate_media(color_scheme="light")


async def test_a_member_meets_a_warning_and_then_the_limit_and_loses_no_text(
    scripted_site: Site, cast: Cast, browser: Browser
) -> None:
    facts: dict[str, Any] = {"acting": cast.alice, "subject": "person", "user_id": cast.bob.user_id}
    await in_thread(set_limit, **facts, measure="requests", period="month", soft=1, hard=3)
    context, chat = await tab_of(browser, scripted_site, cast.bob)
    broken = await breaches(chat.page)
    await chat.open(f"{scripted_site.url}/o/{cast.organization.slug}/")
    line = chat.page.locator("#quota")
    await expect(line).to_be_empty()
    await chat.ask(SHORT)
    await chat.ended()
    await expect(line).to_be_empty()
    await chat.ask(SHORT)
    await chat.ended()
    await expect(line.locator(".soft")).to_contain_text("You have used 1 of 3 requests")
    await expect(line.locator(".soft")).to_contain_text("1, 02:00 AM here.")
    problems = await barriers(chat.page)
    await picture(chat.page, "quota-soft")
    await chat.ask(SHORT)
    await chat.ended()
    await chat.prompt.fill("A question that I have thought about for long")
    await chat.prompt.press("Enter")
    await expect(line.locator(".hard")).to_contain_text("You have 3 requests a month")
    await expect(line.locator(".hard")).to_contain_text(f"on 1 {_next_month():%B}")
    await expect(chat.prompt).to_have_value("A question that I have thought about for long")
    await expect(chat.answers).to_have_count(3)
    problems += [*await keyboard_barriers(chat.page, "#quota a"), *await barriers(chat.page)]
    await picture(chat.page, "quota-hard")
    await chat.page.reload()
    await chat.connected()
    await expect(line.locator(".hard")).to_contain_text("used up")
    await expect(line.locator(".own-time")).to_contain_text("1, 02:00 AM here.")
    await expect(chat.prompt).to_have_value("A question that I have thought about for long")
    await in_thread(set_limit, **facts, measure="requests", period="month", soft=None, hard=100)
    await chat.prompt.fill(SHORT)
    await chat.prompt.press("Enter")
    await expect(chat.answers).to_have_count(4)
    await expect(line).to_be_empty()
    await context.close()
    assert_none(problems + broken)


def _next_month() -> datetime:
    now = datetime.now(UTC)
    return now.replace(day=1, month=now.month % 12 + 1)


def bind(cast: Cast) -> None:
    """Let limits and rules of several levels hold for Bob."""
    staff(cast)
    add_to_group(acting=cast.alice, group=cast.organization.groups.get(), member=cast.bob)
    limit(cast)
    OrganizationRules.objects.create(
        organization=cast.organization, reasoning_default="low", reasoning_ceiling="high", ceilings={"temperature": 1}
    )
    spend(cast.bob, 7_400, [cast.organization.groups.get().id])


async def test_everybody_reads_what_limits_them_and_what_applies(site: Site, cast: Cast, browser: Browser) -> None:
    await in_thread(bind, cast)
    context, chat = await tab_of(browser, site, cast.bob)
    broken = await breaches(chat.page)
    await chat.open(f"{site.url}/o/{cast.organization.slug}/")
    await chat.page.locator(".account summary").press("Enter")
    await chat.page.get_by_role("link", name="My usage and limits").press("Enter")
    await expect(chat.page.get_by_role("heading", name="Your limits")).to_be_visible()
    await expect(chat.page.get_by_text("You may use at most 9,000 tokens per hour.")).to_be_visible()
    await expect(chat.page.get_by_text("up to 16,384 tokens of reasoning in one answer")).to_be_visible()
    await photograph(chat.page, "my-limits")
    problems = [*await keyboard_barriers(chat.page, "main .help a"), *await barriers(chat.page)]
    await chat.page.goto(site.url + reverse("chat:my-applies", args=[cast.organization.slug]))
    await photograph(chat.page, "my-applies")
    problems += [*await keyboard_barriers(chat.page, "[data-prints]"), *await barriers(chat.page)]
    await chat.page.get_by_label("Search the settings").fill("temperature")
    await expect(chat.page.locator("#applies dt")).to_have_text(["Temperature"])
    await expect(chat.page.locator("#applies")).to_contain_text("An administrator of the organization set it.")
    await context.close()
    assert_none(problems + broken)
