"""Usage, jobs and one's own export in a real browser: on a desk, in the dark, on a phone, and by axe."""

from __future__ import annotations

import random
import uuid
import zipfile
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.async_api import Browser, Page, expect

from accounts.actions.groups import add_to_group, create_group
from accounts.models import Membership
from chat.models import Job
from inference.models import ChatModel, LedgerEntry
from inference.usage_rollup import roll_up
from tests.browser.accessibility import DESKTOP, PHONE, assert_none, barriers, keyboard_barriers
from tests.browser.chat_page import enter
from tests.browser.console_page import address
from tests.browser.pictures import photograph
from tests.cast import Cast, join, person
from tests.chat.history import talk
from tests.rows import in_thread
from tests.site import Site

NAMES = ("Maya Lindqvist", "Jonas Weber", "Priya Raman", "Tomás Oliveira", "Aiko Tanaka", "Lena Fischer")
DAYS = 30
OUTCOMES = ("done",) * 12 + ("withheld", "stopped", "failed")


def work(cast: Cast) -> None:
    """Let some people use two models for a month."""
    dice, today = random.Random(6), timezone.now()
    group = create_group(acting=cast.alice, name="Research")
    members = [cast.alice, cast.bob, *(join(cast.organization, person(name)) for name in NAMES)]
    for one in members[:4]:
        add_to_group(acting=cast.alice, group=group, member=one)
    models = [
        ChatModel.objects.create(name=f"{name} {uuid.uuid4().hex[:4]}", for_everyone=False, **prices)
        for name, prices in (
            ("Hermes 4 70B", {"prompt_price": Decimal("0.05"), "answer_price": Decimal("0.21")}),
            ("Hermes 4 14B", {"prompt_price": Decimal("0.01"), "answer_price": Decimal("0.04")}),
        )
    ]
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            purpose="answer",
            outcome=dice.choice(OUTCOMES),
            organization_id=cast.organization.id,
            user_id=member.user_id,
            groups=[group.id] if number < 4 else [],
            chat_model_id=dice.choice(models).id,
            prompt_tokens=dice.randint(200, 9000),
            answer_tokens=dice.randint(50, 2500),
            reasoning_tokens=dice.randint(0, 4000),
            first_token_ms=round(dice.lognormvariate(5.8, 0.5)),
            settled_at=today - timedelta(days=day),
        )
        for day in range(DAYS)
        for number, member in enumerate(members)
        for _ in range(dice.randint(0, 6))
    )
    for day in range(DAYS):
        roll_up((today - timedelta(days=day)).date())


async def looked_at(page: Page, name: str, main: str) -> None:
    """Hold a page to the keyboard, to axe and to its width; keep what it looks like."""
    assert_none([*await keyboard_barriers(page, main), *await barriers(page)])
    await photograph(page, name)


async def test_the_usage_of_an_organization_and_ones_own(site: Site, cast: Cast, page: Page) -> None:
    await in_thread(work, cast)
    await page.goto(address(site, cast, "usage"))
    await expect(page.get_by_role("heading", name="Usage", exact=True)).to_be_visible()
    await expect(page.locator(".chart-plot canvas")).to_have_count(4)
    await expect(page.get_by_role("region", name="By model").get_by_role("row")).to_have_count(3)
    await expect(page.get_by_role("region", name="By member").get_by_role("row")).to_have_count(9)
    await page.get_by_role("link", name="12 months").click()
    await expect(page.get_by_role("link", name="12 months")).to_have_attribute("aria-current", "true")
    await looked_at(page, "usage-year", ".chart-numbers summary")
    await page.get_by_role("link", name="30 days").click()
    await looked_at(page, "usage", "[download]")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="by member").click()
    text = (await (await download.value).path()).read_text("utf-8-sig")
    assert text.startswith("name,calls,prompt") and "Maya Lindqvist" in text
    await page.goto(site.url + reverse("mine:usage", args=[cast.organization.slug]))
    await expect(page.locator(".chart-plot canvas")).to_have_count(1)
    await looked_at(page, "my-usage", ".chart-numbers summary")


async def test_an_export_from_asking_to_the_file(browser: Browser, site: Site, cast: Cast) -> None:
    await in_thread(talk, [cast.bob], 400)
    context = await browser.new_context(reduced_motion="reduce", color_scheme="light", viewport=DESKTOP)
    await enter(context, site, cast.bob)
    page = await context.new_page()
    await page.goto(site.url + reverse("chat:my-jobs", args=[cast.organization.slug]))
    await page.get_by_role("button", name="Make the file").click()
    link = page.get_by_role("link", name="Download")
    await expect(link).to_be_visible(timeout=60_000)
    async with page.expect_download() as download:
        await link.click()
    with zipfile.ZipFile(await (await download.value).path()) as archive:
        assert len(archive.namelist()) == 800
    await looked_at(page, "my-jobs", "a[download]")
    await context.close()


async def test_the_jobs_of_an_organization(site: Site, cast: Cast, page: Page) -> None:
    running, failed = await in_thread(some_jobs, cast, cast.alice)
    await page.goto(address(site, cast, "jobs"))
    await expect(page.get_by_role("progressbar")).to_have_attribute("value", "30")
    await expect(page.get_by_text("The disk was out of reach.")).to_be_visible()
    await looked_at(page, "jobs", f"#cancel-{running.id}")
    await in_thread(lambda: Job.objects.filter(id=running.id).update(done=72))
    await expect(page.get_by_role("progressbar")).to_have_attribute("value", "72")
    await page.locator(f"#cancel-{running.id}").press("Enter")
    await expect(page.get_by_text("Cancelled. What was done until then stays.")).to_be_visible()
    await page.locator(f"#retry-{failed.id}").press("Enter")
    await expect(page.get_by_text("It goes on where it was.")).to_be_visible()


@pytest.mark.parametrize("name", ["my-limits", "my-applies", "my-readers"])
async def test_everybody_can_use_the_pages_of_ones_own(site: Site, cast: Cast, page: Page, name: str) -> None:
    await page.goto(site.url + reverse(f"chat:{name}", args=[cast.organization.slug]))
    await looked_at(page, name, ".tabs a[aria-current]")


async def test_jobs_of_every_state_stand_on_ones_own_page(site: Site, cast: Cast, page: Page) -> None:
    running, failed = await in_thread(some_jobs, cast, cast.alice, kind="conversation-export")
    await page.goto(site.url + reverse("chat:my-jobs", args=[cast.organization.slug]))
    await expect(page.get_by_role("progressbar")).to_have_attribute("value", "30")
    await looked_at(page, "my-jobs-states", f"#cancel-{running.id}")
    await expect(page.locator(f"#retry-{failed.id}")).to_be_visible()


async def test_a_phones_row_of_pages_begins_at_the_one_that_is_shown(site: Site, cast: Cast, page: Page) -> None:
    await page.goto(address(site, cast, "jobs"))
    assert await page.evaluate("scrollY") == 0
    here = page.get_by_role("navigation", name="Organization").get_by_role("link", name="Jobs")
    for _ in range(2):
        await page.set_viewport_size(PHONE)
        await expect(here).to_be_in_viewport(ratio=1)
        await expect(page.get_by_role("heading", name="Jobs", exact=True)).to_be_in_viewport(ratio=1)
        assert await page.evaluate("scrollY") == 0
        await page.reload()


def some_jobs(cast: Cast, owner: Membership, kind: str = "retention") -> tuple[Job, Job]:
    """Leave a job of each state, of one person; return the one that runs and the one that failed."""
    now = timezone.now()
    usual = {"organization": cast.organization, "owner": owner.user, "kind": kind}
    ended = {"total": 40, "started_at": now, "ended_at": now}
    Job.objects.create(**usual, **ended, state="done", done=40)
    Job.objects.create(**usual, **ended, state="cancelled", done=7)
    Job.objects.create(**usual, state="queued", not_before=now + timedelta(days=1))
    failed = Job.objects.create(**usual, **ended, state="failed", done=3, words="The disk was out of reach.")
    # Its holder says that it is alive for a while longer: nobody takes it over.
    beat = now + timedelta(hours=1)
    running = Job.objects.create(**usual, state="running", done=30, total=100, turn=1, started_at=now, beat_at=beat)
    return running, failed
