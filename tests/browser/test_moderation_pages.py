"""Moderation's evidence in a real browser: hits, a backtest from question to samples, the watching version,
exemptions and risk, on a desk and on a phone."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from playwright.async_api import Browser, BrowserContext, Page, expect

from accounts.actions.groups import add_to_group, create_group
from accounts.models import Membership, Role
from chat.models import Backtest
from moderation.models import OrganizationPolicy, PolicyVersion, RiskScore
from moderation.policy import Category, Policy, Risk
from moderation.verdict import Verdict
from tests.browser.accessibility import DESKTOP, PHONE, assert_none, barriers
from tests.browser.chat_page import enter
from tests.browser.console_page import address
from tests.browser.pictures import photograph
from tests.cast import Cast, join, person
from tests.chat.history import rule, talk, version
from tests.console.evidence import hit, hits, midday, watched
from tests.rows import in_thread
from tests.site import Site

INK = """
() => [...document.querySelectorAll(".chart-plot canvas")].every((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Set();
  for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 200) colours.add(data.slice(at, at + 3).join());
  return colours.size > 4;
})
"""
TITLES = {
    "keys": "Keys and passwords",
    "cards": "Payment cards",
    "project": "Names of unannounced projects",
    "insults": "Insults",
}
CATEGORIES = (Category(id="secrets", title="Company secrets"), Category(id="manners", title="Manners"))


def house_rules(risk: Risk | None = None, **terms: str) -> Policy:
    """Return a policy about some of the usual things: an id and its term, blocked, redacted and so on in turn."""
    actions = (Verdict.BLOCK, Verdict.REDACT, Verdict.HOLD, Verdict.FLAG)
    rules = [
        rule(id, action, term, title=TITLES[id]) for action, (id, term) in zip(actions, terms.items(), strict=False)
    ]
    return Policy(name="House rules", categories=CATEGORIES, rules=tuple(rules), risk=risk or Risk())


def enforce(cast: Cast) -> PolicyVersion:
    policy = house_rules(
        Risk(warn=4, slow=8, review=16, suspend=40), keys="lemon", cards="cherry", project="plum", insults="fool"
    )
    return version(cast.alice, 1, policy, enforced=True)


def colleagues(cast: Cast) -> list[Membership]:
    """Return people in groups."""
    people = [join(cast.organization, person(name)) for name in ("Maya Lindqvist", "Jonas Weber", "Priya Raman")]
    for name, members in (("Research", people[:2]), ("Support", people[2:])):
        group = create_group(acting=cast.alice, name=name)
        for member in members:
            add_to_group(acting=cast.alice, group=group, member=member)
    return people


def find(cast: Cast, people: list[Membership]) -> None:
    """Store a month of hits."""
    found = []
    for day in range(30):
        for number, (id, verdict) in enumerate(zip(TITLES, ("block", "redact", "hold", "flag"), strict=True)):
            member = people[(day + number) % len(people)]
            count = (day * 7 + number * 5) % (4 + 9 * (number % 2)) + number
            groups = ["Research"] if member in people[:2] else ["Support"]
            channel = ("prompt", "answer", "reasoning", "tool_call")[(day + 2 * number) % 4]
            for at in (midday(day), midday(day) - timedelta(hours=7)):
                found.append(hit(member, id, verdict, at=at, count=count or 1, groups=groups, channel=channel))
    found.append(hit(people[0], "keys", "flag", exempt=True, count=3, groups=["Research"]))
    hits(cast.alice, *found)


async def test_hits_are_seen_over_time_and_told_apart(site: Site, cast: Cast, page: Page) -> None:
    await page.goto(address(site, cast, "moderation"))
    await expect(page.get_by_role("link", name="Choose a policy")).to_be_visible()
    await photograph(page, "moderation-empty")
    assert_none(await barriers(page))
    await in_thread(enforce, cast)
    await in_thread(find, cast, await in_thread(colleagues, cast))
    await page.reload()
    await page.get_by_role("link", name="30 days").press("Enter")
    await expect(page.locator(".chart-plot canvas")).to_be_visible()
    assert await page.evaluate(INK)
    await page.locator(".chart-numbers summary").focus()
    await page.keyboard.press("Enter")
    numbers = page.get_by_role("region", name="Hits over time, as a table")
    await expect(numbers.get_by_role("row")).to_have_count(31)
    legend = page.locator(".chart-legend li").first
    total = await legend.inner_text()
    await page.locator(".u-over").hover(position={"x": 200, "y": 60})
    await expect(legend).not_to_have_text(total)
    await expect(page.locator(".chart-when")).to_contain_text(":00")
    await page.mouse.move(0, 0)
    await expect(legend).to_have_text(total)
    await page.keyboard.press("Enter")
    assert_none(await barriers(page))
    await photograph(page, "moderation")
    await page.get_by_role("navigation", name="Told apart by").get_by_role("link", name="Rule").click()
    await expect(page.locator(".chart-legend")).to_contain_text("Keys and passwords")
    await expect(page.get_by_role("link", name="30 days")).to_have_attribute("aria-current", "true")
    async with page.expect_download() as started:
        await page.get_by_role("link", name="Download as CSV").click()
    assert (await started.value).suggested_filename.endswith(".csv")


async def test_a_version_is_tried_on_what_was_said(site: Site, cast: Cast, browser: Browser, page: Page) -> None:
    await page.goto(address(site, cast, "backtests"))
    await expect(page.get_by_text("No backtests yet.")).to_be_visible()
    await photograph(page, "backtests-empty")
    await in_thread(enforce, cast)
    draft = house_rules(keys="pear", cards="cherry", project="lemon", insults="tides")
    await in_thread(version, cast.alice, 2, draft)
    await in_thread(talk, await in_thread(colleagues, cast), 4000)
    await page.reload()
    await page.get_by_label("Version").select_option(label="2 · House rules (draft)")
    assert_none(await barriers(page))
    await page.get_by_label("From").press("Enter")
    bar = page.get_by_role("progressbar", name="Messages read")
    await expect(bar).to_be_visible()
    await expect(page.get_by_text("of 8,000 messages")).to_be_visible()
    assert_none(await barriers(page))
    await photograph(page, "backtest-running")
    await expect(page.get_by_role("heading", name="What changes, by rule")).to_be_visible(timeout=120_000)
    await expect(page.get_by_text("of 8,000 texts would be treated differently")).to_be_visible()
    await expect(page.get_by_text("Nobody has the role yet.")).to_be_visible()
    await page.get_by_text("What this counts, and what it cannot").click()
    assert_none(await barriers(page))
    await photograph(page, "backtest")
    await page.get_by_role("link", name="← Backtests").click()
    await photograph(page, "backtests")
    found = await Backtest.objects.aget(organization=cast.organization)
    assert (found.state, found.done) == ("done", 8000)
    context = await reviewer_of(browser, site, cast)
    await look_at_samples(await context.new_page(), address(site, cast, "backtest", found.id))
    await context.close()


async def reviewer_of(browser: Browser, site: Site, cast: Cast) -> BrowserContext:
    """Return a browser in which a reviewer is signed in."""
    reviewer = await in_thread(join, cast.organization, await in_thread(person, "Rita"), Role.REVIEWER)
    context = await browser.new_context(viewport=DESKTOP, reduced_motion="reduce", color_scheme="light")
    await enter(context, site, reviewer)
    return context


async def look_at_samples(page: Page, url: str) -> None:
    await page.goto(url)
    await page.get_by_role("link", name=TITLES["keys"]).click()
    await expect(page.locator("mark").first).to_have_text("pear")
    await expect(page.locator(".samples > li")).to_have_count(11)
    assert_none(await barriers(page))
    await photograph(page, "backtest-samples")
    await page.get_by_role("link", name="Next").click()
    await expect(page.locator(".samples")).to_have_attribute("start", "11")


async def test_a_running_backtest_is_cancelled(site: Site, cast: Cast, page: Page) -> None:
    await in_thread(enforce, cast)
    await in_thread(talk, await in_thread(colleagues, cast), 6000)
    await page.goto(address(site, cast, "backtests"))
    await page.get_by_role("button", name="Run").click()
    await expect(page.get_by_text("of 12,000 messages")).to_be_visible()
    # The page reads itself again every second; the focus stays where it is.
    await page.get_by_role("button", name="Cancel").focus()
    async with page.expect_response(lambda answer: "/backtests/" in answer.url):
        pass
    await expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Cancelled. What was counted until then stays below.")).to_be_visible()
    await expect(page.get_by_text("messages were read before it ended.")).to_be_visible()
    await photograph(page, "backtest-cancelled")


def watch(cast: Cast) -> None:
    """Let another version watch, and count for some weeks."""
    enforced = enforce(cast)
    watching = version(cast.alice, 2, house_rules(keys="pear", cards="cherry", project="lemon", insults="tides"))
    OrganizationPolicy.objects.filter(organization=cast.organization).update(shadow=watching)
    for day in range(21):
        watched(watching, day, "answer", 180 + day, 2 + day % 5, day % 3)
        watched(watching, day, "prompt", 150 + day, day * 3 % 4, 0)
        if day % 2:
            watched(watching, day, "reasoning", 60, day % 7, 1)
    found = [hit(cast.bob, id, shadow=True, version=watching, count=31 - 9 * at) for at, id in enumerate(TITLES)]
    hits(cast.bob, *found, *(hit(cast.bob, id, version=enforced, count=12) for id in ("keys", "cards")))


async def test_the_watching_version_is_compared(site: Site, cast: Cast, page: Page) -> None:
    await page.goto(address(site, cast, "shadow"))
    await expect(page.get_by_text("No version watches yet.")).to_be_visible()
    await photograph(page, "shadow-empty")
    await in_thread(watch, cast)
    await page.reload()
    await expect(page.get_by_text("texts would have been treated differently")).to_be_visible()
    await expect(page.locator(".chart-plot canvas")).to_be_visible()
    assert await page.evaluate(INK)
    assert_none(await barriers(page))
    await photograph(page, "shadow")


async def test_an_exemption_is_granted_by_keyboard_and_revoked(site: Site, cast: Cast, page: Page) -> None:
    await page.goto(address(site, cast, "exemptions"))
    await expect(page.get_by_text("there is nothing to be exempt from")).to_be_visible()
    await in_thread(enforce, cast)
    await in_thread(colleagues, cast)
    await page.reload()
    await page.get_by_label("Who").select_option(label="Research")
    await page.get_by_label("Exempt from").select_option(label="Keys and passwords")
    await page.get_by_label("Reason").fill("Red team")
    await page.get_by_label("Reason").press("Enter")
    await expect(page.locator(".errors")).to_contain_text("Say why, in 10 to 500 characters")
    assert_none(await barriers(page))
    await photograph(page, "exemptions-refused")
    await page.get_by_label("Reason").fill("Red team exercise of the spring, agreed with security")
    await page.get_by_label("Reason").press("Enter")
    await expect(page.get_by_text("It ends by itself, and reviewers see it.")).to_be_visible()
    await page.get_by_label("Who").select_option(label="Support")
    await page.get_by_label("Exempt from").select_option(label="Company secrets")
    await page.get_by_label("Reason").fill("They answer questions about the launch")
    await page.get_by_label("From (optional)").fill((timezone.now() + timedelta(days=4)).date().isoformat())
    await page.get_by_role("button", name="Grant").click()
    await expect(page.get_by_role("heading", name="Coming")).to_be_visible()
    assert_none(await barriers(page))
    await photograph(page, "exemptions")
    await page.set_viewport_size(PHONE)
    await page.get_by_role("button", name="Revoke the exemption of the group Research").press("Enter")
    await page.get_by_role("dialog").get_by_role("button", name="Revoke").press("Enter")
    await expect(page.get_by_text("Revoked. The rule holds again")).to_be_visible()
    await page.get_by_text("Ended (1)").press("Enter")
    await expect(page.get_by_text("Revoked", exact=True)).to_be_visible()


def weigh(cast: Cast) -> None:
    enforce(cast)
    people = colleagues(cast)
    find(cast, people)
    for member, score in zip(people, (43.0, 17.5, 5.2), strict=True):
        RiskScore.objects.create(
            organization=cast.organization, user_id=member.user_id, score=score, at=timezone.now()
        )


async def test_a_score_is_looked_at_and_cleared(site: Site, cast: Cast, page: Page) -> None:
    await page.goto(address(site, cast, "risk"))
    await expect(page.get_by_text("Nobody has a score now")).to_be_visible()
    await in_thread(weigh, cast)
    await page.reload()
    await expect(page.get_by_text("Suspended").first).to_be_visible()
    assert_none(await barriers(page))
    await photograph(page, "risk")
    await page.get_by_role("button", name="Clear the score of Maya").press("Enter")
    dialog = page.get_by_role("dialog", name="Clear the score of Maya")
    await dialog.get_by_label("Reason").fill("An exercise that we had agreed on")
    await photograph(page, "risk-clear")
    await dialog.get_by_label("Reason").press("Enter")
    await expect(page.get_by_text("is cleared. What comes now counts from nothing.")).to_be_visible()
