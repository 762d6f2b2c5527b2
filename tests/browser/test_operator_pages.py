"""The operator's panel in a real browser: by keyboard, on a phone, in the dark, and all that axe has to say."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.async_api import Browser, Page, expect

from accounts.models import FeatureSwitch, User
from chat.models import Job
from inference.actions.operator_quotas import set_operator_limit
from inference.models import QuotaLimit
from inference.quotas.limit import LimitDraft
from tests.browser.accessibility import DESKTOP, PHONE, assert_none, barriers, keyboard_barriers
from tests.browser.pictures import photograph
from tests.browser.test_usage_pages import work
from tests.cast import Cast, person, sign_in
from tests.rows import in_thread
from tests.site import Site

FIRST = "#result_list tbody a"
SAVE = "[name=_save]"
# A page, and what one comes for.
PAGES = (
    ("index", ".operator-places a"),
    ("usage", ".segments a"),
    ("engine_load", "#load-pause"),
    ("inference_quotalimit_changelist", FIRST),
    ("inference_quotalimit_add", SAVE),
    ("accounts_organization_changelist", FIRST),
    ("accounts_organization_add", SAVE),
    ("accounts_featureswitch_changelist", FIRST),
    ("accounts_featureswitch_add", SAVE),
    ("accounts_user_changelist", FIRST),
    ("chat_job_changelist", FIRST),
    ("audit_event_changelist", FIRST),
    ("inference_ledgerentry_changelist", FIRST),
    ("inference_chatmodel_changelist", FIRST),
)


@pytest.fixture
async def panel(site: Site, cast: Cast, browser: Browser) -> AsyncIterator[Page]:
    """A tab of an operator, with something to see on each page."""
    olga: User = await in_thread(person, "Olga", is_superuser=True, is_staff=True)
    limit = await in_thread(_something_to_show, cast, olga)
    context = await browser.new_context(reduced_motion="reduce", color_scheme="light", viewport=DESKTOP)
    key = await in_thread(sign_in, olga)
    await context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": site.url}])
    yield await context.new_page()
    await context.close()
    await in_thread(QuotaLimit.objects.filter(id=limit.pk).delete)


def _something_to_show(cast: Cast, operator: User) -> QuotaLimit:
    work(cast)
    now = timezone.now()
    ended = {"kind": "retention", "organization": cast.organization, "started_at": now, "ended_at": now}
    Job.objects.create(**ended, state=Job.State.FAILED, words="The disk was out of reach.")
    Job.objects.create(**ended, state=Job.State.DONE, done=40, total=40)
    FeatureSwitch.objects.create(name="exports", organization=cast.organization, is_on=False)
    draft = LimitDraft(subject="organization", measure="tokens", period="day", soft=None, hard=1_000_000)
    return set_operator_limit(acting=operator, organization_id=cast.organization.id, draft=draft)


async def looked_at(panel: Page, name: str, main: str) -> None:
    """Hold a page to the keyboard and to axe, in both themes; keep what it looks like."""
    for theme in ("light", "dark"):
        # The panel asks for the system's theme when it opens, and not again.
        await panel.evaluate("theme => localStorage.setItem('adminTheme', JSON.stringify(theme))", theme)
        await panel.reload()
        assert ("dark" in (await panel.locator("html").get_attribute("class") or "")) == (theme == "dark")
        assert_none([*await keyboard_barriers(panel, main), *await barriers(panel)])
        await photograph(panel, f"operator-{name}-{theme}")


@pytest.mark.parametrize(("name", "main"), PAGES)
async def test_everybody_can_operate(site: Site, panel: Page, name: str, main: str) -> None:
    await panel.goto(site.url + reverse(f"admin:{name}"))
    await looked_at(panel, name, main)


async def test_a_moment_stands_on_one_line(site: Site, panel: Page) -> None:
    await panel.goto(site.url + reverse("admin:chat_job_changelist"))
    ended = panel.locator("#result_list td.field-ended_at").first
    await expect(ended).to_contain_text("UTC")
    lines = "cell => { const all = new Range(); all.selectNodeContents(cell); return all.getClientRects().length }"
    assert await ended.evaluate(lines) == 1
    await ended.evaluate("cell => { cell.style.cssText = 'display: block; width: 6rem; white-space: normal' }")
    assert await ended.evaluate(lines) > 1, "a second line would have been counted"


async def test_an_organizations_own_page(site: Site, cast: Cast, panel: Page) -> None:
    await panel.goto(site.url + reverse("admin:accounts_organization_change", args=[cast.organization.id]))
    await looked_at(panel, "organization", SAVE)


async def test_the_navigation_the_filters_and_the_theme_by_keyboard(site: Site, panel: Page) -> None:
    await panel.goto(site.url + reverse("admin:chat_job_changelist"))
    await panel.keyboard.press("Tab")
    await expect(panel.get_by_role("link", name="To the content")).to_be_focused()
    await panel.keyboard.press("Enter")
    await expect(panel.locator("main")).to_be_focused()
    await panel.set_viewport_size(PHONE)
    filters = panel.get_by_role("button", name="Filters")
    await filters.press("Enter")
    await expect(panel.locator("#changelist-filter a").first).to_be_focused()
    assert_none(await barriers(panel))
    await panel.set_viewport_size(PHONE)
    await panel.keyboard.press("Escape")
    await expect(filters).to_be_focused()
    await panel.get_by_role("button", name="Navigation", exact=True).press("Enter")
    await expect(panel.get_by_role("link", name="Feature switches")).to_be_visible()
    await panel.get_by_role("button", name="Olga").press("Enter")
    await panel.get_by_role("button", name="Dark").press("Enter")
    await expect(panel.locator("html")).to_have_class("dark")
    await expect(panel.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    await panel.keyboard.press("Escape")
    await expect(panel.get_by_role("button", name="Dark")).to_be_hidden()
    await panel.get_by_role("button", name="Close the navigation").press("Enter")
    await expect(panel.get_by_role("link", name="Feature switches")).to_be_hidden()


async def test_what_is_done_with_chosen_rows(site: Site, panel: Page) -> None:
    await panel.goto(site.url + reverse("admin:chat_job_changelist"))
    await panel.locator("#result_list tbody input[type=checkbox]").first.press("Space")
    await expect(panel.get_by_label("Select action to run")).to_be_visible()
    assert_none(await barriers(panel))
