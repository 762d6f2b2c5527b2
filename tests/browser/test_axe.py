"""Every page, in light and dark, on a desk and on a phone: axe finds nothing, nothing is too wide, Tab is enough."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from accounts.actions.groups import add_to_group, create_group
from accounts.actions.invitations import invite
from accounts.actions.passwords import make_password_link
from accounts.models import Group, Role, User
from chat.models import Conversation, Message
from inference.actions.presets import PresetDraft, archive_preset, create_preset
from inference.actions.schemas import change_schema, create_schema
from inference.models import Preset, SchemaVersion
from tests.browser.accessibility import PHONE, assert_none, barriers, keyboard_barriers
from tests.browser.breaches import breaches
from tests.browser.chat_page import ChatPage, enter
from tests.browser.tides import TIDES
from tests.cast import PASSWORD, Cast, person
from tests.rows import in_thread
from tests.site import Site

ERRORS = ("400.html", "403.html", "403_csrf.html", "404.html", "500.html", "503.html")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A page: its path, and what one comes for."""

    path: str
    main: str = "main .button"


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(reduced_motion="reduce", color_scheme="light")
    yield context
    await context.close()


@pytest.fixture
async def alice(context: BrowserContext, site: Site, cast: Cast) -> BrowserContext:
    """A browser in which Alice, the owner, is signed in."""
    facts = {"user": cast.alice.user, "email": cast.alice.user.email}
    await in_thread(EmailAddress.objects.create, **facts, primary=True, verified=True)
    await enter(context, site, cast.alice)
    return context


async def examine(context: BrowserContext, site: Site, places: Sequence[Place]) -> list[str]:
    """Open each page; return what stands in somebody's way."""
    page = await context.new_page()
    found = await breaches(page)
    for place in places:
        await page.goto(site.url + place.path)
        problems = [*await keyboard_barriers(page, place.main), *await barriers(page)]
        found += [f"{place.path}: {one}" for one in problems]
    await page.close()
    return found


def without_site(url: str) -> str:
    return url.removeprefix(str(settings.PUBLIC_URL))


async def test_everybody_can_use_the_pages_before_signing_in(site: Site, cast: Cast, context: BrowserContext) -> None:
    invited = await in_thread(invite, acting=cast.alice, role=Role.MEMBER)
    operator = await in_thread(person, "Olga", is_superuser=True)
    link = await in_thread(make_password_link, acting=operator, person=cast.bob.user)
    places = [
        Place(path=reverse("account_login"), main="button[type=submit]"),
        Place(path=reverse("account_reset_password"), main="button[type=submit]"),
        Place(path=reverse("account_reset_password_done")),
        Place(path=without_site(link), main="button[type=submit]"),
        Place(path=reverse("account_reset_password_from_key_done")),
        Place(path=reverse("accounts:invitation", args=[invited.token]), main="button[type=submit]"),
        Place(path=reverse("accounts:invitation", args=["no-such-token"])),
        Place(path=reverse("account_signup"), main="a"),
        Place(path="/nothing/here/"),
    ]
    assert_none(await examine(context, site, places))


async def test_everybody_can_read_the_error_pages(site: Site, context: BrowserContext) -> None:
    request = RequestFactory().get("/")

    async def answer(route: Route) -> None:
        html = render_to_string(route.request.url.rsplit("/", 1)[1], {"exception": "", "csp_nonce": ""}, request)
        await route.fulfill(body=html, content_type="text/html")

    await context.route("**/error/*", answer)
    places = [Place(path=f"/error/{name}", main="a") for name in ERRORS]
    assert_none(await examine(context, site, places))


async def test_everybody_can_use_the_account_pages(site: Site, alice: BrowserContext) -> None:
    page = await alice.new_page()
    await page.goto(site.url + reverse("mfa_activate_totp"))
    problems = [*await keyboard_barriers(page, "button[type=submit]"), *await barriers(page)]
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Confirm").click()
    await expect(page).to_have_url(site.url + reverse("mfa_activate_totp"))
    names = (
        ("accounts:profile", "button[type=submit]"),
        ("account_email", "[name=action_add]"),
        ("account_change_password", "main button[type=submit]"),
        ("mfa_index", "main .button"),
        ("mfa_activate_totp", "button[type=submit]"),
        ("mfa_list_webauthn", "main .button"),
        ("mfa_add_webauthn", "#mfa_webauthn_add"),
        ("usersessions_list", "main .button"),
        ("account_logout", "button[type=submit]"),
    )
    places = [Place(path=reverse(name), main=main) for name, main in names]
    assert_none(problems + await examine(alice, site, places))


async def test_everybody_can_use_the_pages_of_who_belongs_nowhere(
    site: Site, cast: Cast, context: BrowserContext
) -> None:
    cast.charlie.user = await in_thread(person, "Nadia", is_superuser=True)
    await enter(context, site, cast.charlie)
    places = [
        Place(path="/", main="main .button, main a:not(.brand)"),
        Place(path=reverse("accounts:new-organization"), main="button[type=submit]"),
        Place(path=reverse("accounts:profile"), main="button[type=submit]"),
    ]
    assert_none(await examine(context, site, places))


async def test_everybody_can_use_the_console(site: Site, cast: Cast, alice: BrowserContext) -> None:
    group = await in_thread(furnish, cast)
    preset, schema = await in_thread(stock, cast)
    slug = cast.organization.slug
    save = "#part .save-row button[type=submit]"
    pages = {
        "home": "#part a",
        "people": "#part .button",
        "invitations": "#part form .button",
        "groups": "#part form .button",
        "organization": "#part form .button",
        "audit": "#q",
        "assistants": "#part .button",
        "new-assistant": save,
        "schemas": "#part .button",
        "new-schema": save,
        "models": save,
        "policy": "#part .button",
        "import-policy": save,
    }
    places = [Place(path=reverse(f"console:{name}", args=[slug]), main=main) for name, main in pages.items()]
    places.append(Place(path=reverse("console:group", args=[slug, group.id]), main="#part form .button"))
    places.append(Place(path=reverse("console:assistant", args=[slug, preset.id]), main=save))
    places.append(Place(path=reverse("console:schema", args=[slug, schema.schema_id]), main=save))
    places.append(
        Place(path=reverse("console:schema-version", args=[slug, schema.schema_id, 2]), main="#part .button")
    )
    assert_none(await examine(alice, site, places))


async def test_everybody_can_use_what_opens_on_the_console(site: Site, cast: Cast, alice: BrowserContext) -> None:
    await in_thread(furnish, cast)
    page = await alice.new_page()
    await page.goto(site.url + reverse("console:invitations", args=[cast.organization.slug]))
    await page.get_by_role("button", name="Make a link").click()
    await expect(page.get_by_label("Invitation link")).to_be_visible()
    assert_none(await barriers(page))
    await page.get_by_role("button", name="Revoke").first.click()
    assert_none(await barriers(page))
    await page.goto(site.url + reverse("console:people", args=[cast.organization.slug]))
    await page.get_by_label(f"More for {cast.bob.user.name}").first.click()
    assert_none(await barriers(page))
    await page.get_by_text("Switch access off…").first.click()
    assert_none(await barriers(page))


def stock(cast: Cast) -> tuple[Preset, SchemaVersion]:
    """Give the organization assistants and schemas, archived ones too."""
    draft = PresetDraft(
        name="A translator with a name that is rather long for a phone", description="Translates. " * 20
    )
    old = create_preset(acting=cast.alice, draft=PresetDraft(name="Old"))
    archive_preset(acting=cast.alice, preset_id=old.id)
    made = create_schema(acting=cast.alice, name="Invoice", description="What is owed", document={"type": "object"})
    change = {"type": "object", "title": "A title that is much longer than a phone is wide, " * 3}
    newer = change_schema(
        acting=cast.alice, schema_id=made.schema_id, number=1, name="Invoice", description="", document=change
    )
    return create_preset(acting=cast.alice, draft=draft), newer


def furnish(cast: Cast) -> Group:
    """Give the organization something to show on each page."""
    invite(acting=cast.alice, role=Role.REVIEWER, email="grace.with.a.very.long.address@department.example.com")
    create_group(acting=cast.alice, name="A second group with a name that is rather long for a phone")
    group = create_group(acting=cast.alice, name="Research")
    add_to_group(acting=cast.alice, group=group, member=cast.bob)
    User.objects.filter(id=cast.bob.user_id).update(name="Robert Bartholomew the Third of Somewhere")
    cast.bob.user.refresh_from_db()
    return group


async def test_everybody_can_use_the_conversation_page(site: Site, cast: Cast, alice: BrowserContext) -> None:
    conversation = await in_thread(write_down, cast)
    home = f"/o/{cast.organization.slug}/"
    places = [Place(path=home, main="#prompt"), Place(path=f"{home}c/{conversation.id}/", main="#prompt")]
    assert_none(await examine(alice, site, places))
    chat = ChatPage(await alice.new_page())
    await chat.open(f"{site.url}{home}c/{conversation.id}/")
    await expect(chat.page.locator("math").first).to_be_visible()
    assert_none(await opened(chat.page))


async def opened(page: Page) -> list[str]:
    """Open, one after the other, what the conversation page can open; return what stands in somebody's way."""
    found = []
    await page.locator("summary", has_text="Thought").click()
    await page.get_by_role("button", name="Edit and send again").first.click()
    found += await barriers(page)
    await page.get_by_role("button", name="Cancel").click()
    await page.locator("#list li").first.hover()
    await page.locator("#list summary").first.click()
    found += await barriers(page)
    await page.get_by_role("button", name="Rename").first.click()
    found += await barriers(page)
    await page.keyboard.press("Escape")
    await page.locator(".account summary").click()
    found += await barriers(page)
    await page.get_by_role("button", name="Keyboard shortcuts").click()
    found += await barriers(page)
    await page.keyboard.press("Escape")
    await page.set_viewport_size(PHONE)
    await page.get_by_role("button", name="Show the list").click()
    found += await barriers(page)
    return found


def write_down(cast: Cast) -> Conversation:
    """Store a conversation with everything that an answer may hold."""
    place = Conversation.objects.create(
        organization=cast.organization, owner=cast.alice.user, title="Tides, and why they come twice a day, mostly"
    )
    asked = Message.objects.create(
        conversation=place, role=Message.Role.USER, parts=[{"type": "text", "text": "Tell me about the tides. " * 80}]
    )
    parts = [
        {"type": "reasoning", "text": "The moon, then the sun.", "seconds": 3.2, "tokens": 14},
        {"type": "text", "text": TIDES},
        {"type": "notice", "code": "history-trimmed", "text": "The oldest messages were left out."},
    ]
    answered = Message.objects.create(conversation=place, role=Message.Role.ASSISTANT, parent=asked, parts=parts)
    Conversation.objects.filter(id=place.id).update(head=answered)
    return place
