"""The audit page in a real browser: looking for something, one event in full, what leaves the house."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from playwright.async_api import Page, expect

from accounts.actions.groups import add_to_group, create_group
from accounts.actions.invitations import invite
from accounts.actions.organizations import rename_organization
from accounts.models import Membership, Role
from audit.models import Event, Label
from tests.browser.accessibility import PHONE, assert_none, barriers, keyboard_barriers
from tests.browser.console_page import address
from tests.browser.pictures import photograph
from tests.browser.test_moderation_pages import INK, colleagues
from tests.cast import Cast
from tests.rows import in_thread
from tests.site import Site

ADDRESS = "203.0.113.7"
# What a week looks like: an action, its facts, and how many hours ago.
WEEK = [
    ("accounts.signed_in", {}, (2, 9, 26, 33, 50, 74, 99, 122, 146)),
    ("accounts.sign_in_failed", {}, (27, 28, 120)),
    ("accounts.second_factor.added", {"type": "totp"}, (49,)),
    ("chat.prompt.submitted", {}, tuple(range(1, 160, 3))),
    ("chat.answer.done", {"tokens": 512}, tuple(range(1, 160, 3))),
    ("chat.answer.stopped", {"tokens": 40}, (31, 75)),
    ("chat.conversation.pinned", {}, (5, 77)),
    (
        "moderation.text.redacted",
        {"rule": "cards", "category": "secrets", "channel": "answer", "verdict": "redact", "hits": 2},
        (8, 57, 103),
    ),
    ("moderation.text.withheld", {"rule": "keys", "category": "secrets", "channel": "prompt"}, (30,)),
    ("moderation.policy.published", {"number": 3, "digest": "9f2c"}, (60,)),
    (
        "inference.quota.changed",
        {
            "subject": "member",
            "measure": "tokens",
            "period": "day",
            "changed": "soft, hard",
            "soft_before": 40_000,
            "soft_after": 80_000,
            "hard_before": 50_000,
            "hard_after": 100_000,
        },
        (4,),
    ),
    ("inference.preset.created", {"name": "Translator"}, (80,)),
]


def happen(cast: Cast, people: list[Membership]) -> None:
    """Write a week of events."""
    now, label = timezone.now(), Label.objects.filter(kind="address", text=ADDRESS).first()
    label = label or Label.objects.create(id=cast.organization.id, kind="address", text=ADDRESS)
    for member in people:
        named = {"kind": "person", "text": member.user.email}
        Label.objects.update_or_create(id=member.user_id, defaults=named)
    rows = []
    for action, facts, hours in WEEK:
        for number, ago in enumerate(hours):
            member = people[(number + len(action)) % len(people)]
            is_known = action != "accounts.sign_in_failed"
            rows.append(
                Event(
                    at=now - timedelta(hours=ago, minutes=7 * number % 50),
                    action=action,
                    organization_id=cast.organization.id,
                    actor_id=member.user_id if is_known else None,
                    target_type="user" if action.startswith("accounts") else "generation",
                    target_id=str(member.user_id),
                    address_id=label.id,
                    request_id="5d6b0e0a7f3c4f0d9a53c2a7f7a1be32",
                    facts=facts,
                )
            )
    Event.objects.bulk_create(rows)
    group = create_group(acting=cast.alice, name="Field research")
    add_to_group(acting=cast.alice, group=group, member=people[0])
    invite(acting=cast.alice, role=Role.REVIEWER, email="grace@example.com")
    rename_organization(acting=cast.alice, name="Acme Polar")


async def test_something_is_found_and_seen_in_full(site: Site, cast: Cast, page: Page) -> None:
    await in_thread(happen, cast, await in_thread(colleagues, cast))
    await page.goto(address(site, cast, "audit"))
    await expect(page.locator(".chart-plot canvas")).to_be_visible()
    assert await page.evaluate(INK)
    await photograph(page, "audit")
    assert_none(await keyboard_barriers(page, "#q"))
    assert_none(await barriers(page))
    # Typing searches; the focus stays where it is.
    await page.get_by_role("searchbox", name="Search by person").fill("quota")
    await expect(page.locator("#events-title")).to_have_text("1 event")
    await expect(page.get_by_role("searchbox", name="Search by person")).to_be_focused()
    line = page.locator(".events summary")
    await line.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("row", name="Where it stops 50,000 100,000")).to_be_visible()
    await expect(
        page.get_by_text("Covered by an anchor").or_(page.get_by_text("No anchor covers it yet"))
    ).to_be_visible()
    assert_none(await barriers(page))
    await photograph(page, "audit-event-open")
    await page.get_by_role("link", name="Show everything", exact=True).click()
    await page.get_by_role("link", name="People and groups").press("Enter")
    await expect(page.get_by_role("link", name="People and groups")).to_have_attribute("aria-current", "true")
    await page.get_by_role("link", name="Group created").click()
    assert_none(await barriers(page))
    await photograph(page, "audit-area")
    await page.get_by_text("Download").press("Enter")
    assert_none(await barriers(page))
    async with page.expect_download() as started:
        await page.get_by_role("link", name="These events as CSV").click()
    file = await started.value
    assert file.suggested_filename.endswith(".csv")
    assert "accounts.group.created" in (await file.path()).read_text()


async def test_the_chain_is_verified_by_a_button(site: Site, cast: Cast, page: Page) -> None:
    await page.goto(address(site, cast, "audit"))
    await expect(page.get_by_text("It was not verified from here yet.")).to_be_visible()
    await page.set_viewport_size(PHONE)
    await page.get_by_role("button", name="Verify now").press("Enter")
    await expect(page.get_by_role("status").filter(has_text="nothing is wrong")).to_be_visible()
    await expect(page.get_by_text("Last verified")).to_be_visible()
    assert_none(await barriers(page))


async def test_an_empty_answer_says_what_to_do(site: Site, cast: Cast, page: Page) -> None:
    await page.goto(f"{address(site, cast, 'audit')}?q=nothing-like-this")
    await expect(page.get_by_text("Nothing like this happened")).to_be_visible()
    assert_none(await barriers(page))
    await photograph(page, "audit-empty")


async def test_counts_that_do_not_come_say_so_and_are_asked_for_again(site: Site, cast: Cast, page: Page) -> None:
    await page.route("**/audit/counts*", lambda route: route.fulfill(status=500, body=""))
    await page.goto(address(site, cast, "audit"))
    await expect(page.get_by_role("alert")).to_contain_text("These events could not be counted.")
    assert_none(await barriers(page))
    await photograph(page, "audit-counts-failed")
    await page.unroute("**/audit/counts*")
    await page.get_by_role("button", name="Show", exact=True).focus()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Try again")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".chart-plot canvas")).to_be_visible()
    await expect(page.get_by_role("alert")).to_have_count(0)
