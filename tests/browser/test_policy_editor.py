"""The policy in a real browser: written from a template, tried, refused until its golden cases pass, published."""

from __future__ import annotations

import re

from playwright.async_api import Locator, Page, expect

from accounts.actions.groups import create_group
from accounts.models import Role
from moderation.actions.versions import create_draft, save_draft
from moderation.channel import Channel
from moderation.document import parse
from moderation.models import PolicyVersion
from moderation.policy import Category, Classified, Mode, Patterns, Policy, Recognized, Rule, Terms
from moderation.queries import standing_of
from moderation.verdict import Verdict
from tests.browser.accessibility import assert_none, barriers, keyboard_barriers
from tests.browser.console_page import address
from tests.browser.pictures import photograph
from tests.cast import Cast, join, person
from tests.rows import in_thread
from tests.site import Site

TEXTS = frozenset({Channel.PROMPT, Channel.ANSWER})
PROJECTS = tuple(
    f"project {name}" for name in ("bluebird", "nightjar", "kingfisher", "wren", "osprey", "heron", "swift")
)
RULES = (
    Rule(
        id="projects",
        title="Unannounced projects",
        category="secrets",
        action=Verdict.BLOCK,
        channels=TEXTS,
        match=Terms(terms=PROJECTS),
        severity=4,
    ),
    Rule(
        id="customers",
        title="Customer numbers",
        category="personal",
        action=Verdict.REDACT,
        channels=frozenset(Channel),
        match=Patterns(patterns=(r"\bC-\d{4,8}\b",)),
    ),
    Rule(
        id="contacts",
        title="Addresses and accounts",
        category="personal",
        action=Verdict.FLAG,
        channels=TEXTS,
        match=Recognized(names=("email", "iban")),
        severity=1,
        fails_open=True,
    ),
    Rule(
        id="advice",
        title="Advice about medicine",
        category="medicine",
        action=Verdict.HOLD,
        channels=frozenset({Channel.ANSWER}),
        match=Classified(threshold=0.7, mode=Mode.HOLD, budget_ms=2000),
        roles=frozenset({"member"}),
        groups=frozenset({"Red team"}),
        severity=3,
    ),
)
CATEGORIES = (
    Category(id="secrets", title="Secrets", definition="What is not announced yet."),
    Category(id="personal", title="Personal data", definition="What identifies a person."),
    Category(id="medicine", title="Medicine", definition="Advice to a person about their own health."),
)
SAVE = "#part .save-row button[type=submit]"
MANY = 50_000
FILL = "(field, count) => { field.value = Array.from({length: count}, (_, at) => `name ${at} of many`).join('\\n') }"


def outcome(page: Page, words: str) -> Locator:
    """Return what a trial says of the channels for which this happens."""
    badge = page.locator(".badge", has_text=re.compile(f"^{words}$"))
    return page.locator("#outcomes > ul > li").filter(has=badge)


def policy_of(version: PolicyVersion) -> Policy:
    return parse(PolicyVersion.objects.get(id=version.id).document)


def newest(cast: Cast) -> PolicyVersion:
    return PolicyVersion.objects.filter(organization=cast.organization).order_by("-number")[0]


def rich(cast: Cast) -> PolicyVersion:
    """Make a draft with a rule of each kind and each action."""
    create_group(acting=cast.alice, name="Red team")
    policy = Policy(name="House rules", summary="What we agreed on in spring.", categories=CATEGORIES, rules=RULES)
    return create_draft(acting=cast.alice, policy=policy, note="First try")


async def test_a_policy_is_written_tried_refused_and_published(site: Site, cast: Cast, page: Page) -> None:
    await page.goto(address(site, cast, "policy"))
    await expect(page.get_by_role("heading", name="No policy is enforced")).to_be_visible()
    assert_none(await barriers(page))
    await photograph(page, "policy-empty")
    await page.get_by_role("button", name="Start from this General business").click()
    await expect(page.get_by_text("is now your draft")).to_be_visible()
    await page.get_by_role("link", name="New rule").click()
    await page.get_by_label("Name", exact=True).fill("Unannounced projects")
    await page.get_by_label("Category", exact=True).select_option(label="A new category …")
    await page.get_by_label("Name of the new category").fill("Projects")
    await page.locator("#id_terms").fill("Bluebird\nNightjar")
    await page.get_by_role("radio", name="Block it").check()
    await photograph(page, "policy-rule-new")
    await page.get_by_role("button", name="Save the rule").click()
    await expect(page.get_by_text("“Unannounced projects” is saved.")).to_be_visible()

    await page.get_by_label("Text to try").press_sequentially("Tell ada@example.org of B l u e b i r d today")
    await expect(outcome(page, "Blocked").locator("mark.verdict-block").first).to_have_text("B l u e b i r d")
    await expect(outcome(page, "Blocked").first).to_contain_text("Nothing more is shown.")
    assert_none(await barriers(page))
    await photograph(page, "policy-trial")

    await page.get_by_role("link", name="New case").click()
    await page.get_by_label("Text", exact=True).fill("Who works on Nightjar?")
    await page.get_by_label("It stands in").select_option("prompt")
    await page.get_by_label("This must happen", exact=True).select_option("allow")
    await page.get_by_role("button", name="Save").click()
    await page.get_by_role("button", name="Run the golden cases").click()
    await expect(page.get_by_role("heading", name="Golden cases 1 fails")).to_be_visible()
    await expect(page.locator(".failing")).to_contain_text("expected: Passes, found: Blocked")
    await expect(page.get_by_role("button", name="Publish…")).to_have_count(0)
    assert_none(await barriers(page))
    await photograph(page, "policy-failing")

    await page.locator(".failing").get_by_role("link", name="Edit").click()
    await page.get_by_label("This must happen", exact=True).select_option("block")
    await page.get_by_role("button", name="Save").click()
    await page.get_by_role("button", name="Run the golden cases").click()
    await page.get_by_role("button", name="Publish…").click()
    assert_none(await barriers(page))
    await page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    await expect(page.get_by_text("It holds for every answer that begins from now on.")).to_be_visible()
    await page.goto(address(site, cast, "policy"))
    await expect(page.get_by_text("Enforced", exact=True)).to_be_visible()
    assert_none(await barriers(page))
    await photograph(page, "policy")
    standing = await in_thread(standing_of, cast.organization.id)
    assert standing.enforced == await in_thread(newest, cast)


async def test_every_page_of_a_draft_can_be_used_by_everybody(site: Site, cast: Cast, page: Page) -> None:
    draft = await in_thread(rich, cast)
    pages = {
        "policy-version": ("#part .panel-head .button", ()),
        "policy-settings": (SAVE, ()),
        "policy-category": (SAVE, ("medicine",)),
        "new-policy-case": (SAVE, ()),
        "policy-text": ("#part .button", ()),
    }
    for name, (main, places) in pages.items():
        await page.goto(address(site, cast, name, draft.id, *places))
        assert_none([*await keyboard_barriers(page, main), *await barriers(page)])
        await photograph(page, name)
    await page.goto(address(site, cast, "import-policy"))
    assert_none([*await keyboard_barriers(page, SAVE), *await barriers(page)])
    for rule in ("projects", "customers", "contacts", "advice"):
        await page.goto(address(site, cast, "policy-rule", draft.id, rule))
        assert_none(await barriers(page))
        await photograph(page, f"policy-rule-{rule}")


async def test_the_form_of_a_rule_follows_its_kind(site: Site, cast: Cast, page: Page) -> None:
    draft = await in_thread(rich, cast)
    await page.goto(address(site, cast, "policy-rule", draft.id, "customers"))
    # One's own pattern is explained as the page opens, and again as the field is left.
    await expect(page.locator("#checked-patterns li")).to_contain_text("At most 10 characters")
    await page.locator("#id_patterns").fill("\\bC-\\d{4}\\b\n(open")
    await page.locator("#id_patterns").press("Tab")
    await expect(page.locator("#checked-patterns li")).to_have_count(2)
    await expect(page.locator("#checked-patterns .wrong")).to_contain_text("(open")
    await page.get_by_role("button", name="Save the rule").click()
    await expect(page.locator("#id_patterns_error")).to_contain_text("“(open”")
    assert_none(await barriers(page))
    await photograph(page, "policy-rule-refused")
    # By keyboard to another kind: its fields take the place of these.
    await page.get_by_role("radio", name="Patterns").focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_label("How sure it must be (%)")).to_be_visible()
    await expect(page.locator("#id_patterns")).to_be_hidden()
    await page.get_by_label("How sure it must be (%)").focus()
    await page.keyboard.press("End")
    await expect(page.locator("output")).to_have_text("100 %")
    await page.get_by_label("Time for each verdict").fill("1.5")
    await expect(page.locator("#delays")).to_contain_text("1.5 seconds")


async def test_fifty_thousand_words_can_be_pasted(site: Site, cast: Cast, page: Page) -> None:
    draft = await in_thread(rich, cast)
    await page.goto(address(site, cast, "policy-rule", draft.id, "projects"))
    await page.locator("#id_terms").evaluate(FILL, MANY)
    await page.get_by_role("button", name="Save the rule").click()
    await expect(page.get_by_text("“Unannounced projects” is saved.")).to_be_visible()
    await expect(page.get_by_text(f"one of {MANY:,} words and phrases")).to_be_visible()
    # They are not sent again where nobody edits them.
    assert len(await page.content()) < 200_000
    match = (await in_thread(policy_of, draft)).rules[0].match
    assert isinstance(match, Terms)
    assert (len(match.terms), match.terms[-1]) == (MANY, f"name {MANY - 1} of many")


async def test_two_admins_at_one_rule_lose_nothing(site: Site, cast: Cast, page: Page) -> None:
    draft = await in_thread(rich, cast)
    ada = await in_thread(join, cast.organization, await in_thread(person, "Ada"), Role.ADMIN)
    await page.goto(address(site, cast, "policy-rule", draft.id, "projects"))
    policy = await in_thread(policy_of, draft)
    theirs = Policy(
        name=policy.name, categories=policy.categories, rules=(_renamed(policy.rules[0]), *policy.rules[1:])
    )
    await in_thread(save_draft, acting=ada, version_id=draft.id, revision=1, policy=theirs)
    await page.locator("#id_terms").fill("mine alone")
    await page.get_by_role("button", name="Save the rule").click()
    await expect(page.get_by_role("heading", name="Somebody else has saved this")).to_be_visible()
    await expect(page.locator("#id_terms")).to_have_value("mine alone")
    assert_none(await barriers(page))
    await photograph(page, "policy-rule-outdated")
    await page.get_by_role("button", name="Save mine in its place").click()
    await expect(page.get_by_text("is saved.")).to_be_visible()
    kept = (await in_thread(policy_of, draft)).rules[0].match
    assert isinstance(kept, Terms)
    assert kept.terms == ("mine alone",)


def _renamed(rule: Rule) -> Rule:
    return Rule(
        id=rule.id,
        title="Their projects",
        category=rule.category,
        action=rule.action,
        channels=rule.channels,
        match=rule.match,
    )
