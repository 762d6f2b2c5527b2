"""Whoever loses access loses the open page with it: half a second, not the five of the sockets' own look."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import members, organizations, people
from accounts.models import Membership, Role, User
from tests.cast import PASSWORD, Cast, join, make_cast, person
from tests.page import Page, page_of
from tests.rows import in_thread
from tests.site import Site
from tests.takes import quickest
from tests.visitor import visitor

AT_ONCE = 0.5
# The sockets' own look comes every 4.5 s and takes a moment.
HINT_LOST = 5.5
NEW = "another quiet river 43"


def signed_in(user: User) -> Client:
    """Return a browser in which a person has signed in."""
    browser = visitor()
    assert browser.post("/account/login/", {"login": user.email, "password": PASSWORD}).status_code == 302
    return browser


def key_of(browser: Client) -> str:
    key = browser.session.session_key
    assert key is not None
    return key


async def closing(page: Page, end: Callable[[], object]) -> tuple[int | None, float]:
    """Do something that ends access; return the close code and how long it took."""

    def timed() -> float:
        end()
        return time.monotonic()

    done = await in_thread(timed)
    await page.until(lambda: page.closed_with is not None)
    return page.closed_with, time.monotonic() - done


@pytest.fixture
def operator(lasting: None) -> User:
    return person("Oz", is_staff=True, is_superuser=True)


@pytest.mark.parametrize("what", ["removed", "deactivated", "left", "person-off", "organization-off"])
async def test_a_page_without_access_closes_at_once(site: Site, operator: User, what: str) -> None:
    ends: dict[str, Callable[[Cast], object]] = {
        "removed": lambda cast: members.remove_member(acting=cast.alice, member=cast.bob),
        "deactivated": lambda cast: members.deactivate_member(acting=cast.alice, member=cast.bob),
        "left": lambda cast: members.leave(acting=cast.bob),
        "person-off": lambda cast: people.deactivate_person(acting=operator, person=cast.bob.user),
        "organization-off": lambda cast: organizations.deactivate_organization(
            acting=operator, organization=cast.organization
        ),
    }

    async def take() -> float:
        cast = await in_thread(make_cast)
        browser = await in_thread(signed_in, cast.bob.user)
        async with Page(site.url, cast.organization.slug, await in_thread(key_of, browser)) as page:
            code, seconds = await closing(page, lambda: ends[what](cast))
        assert code == 4403
        return seconds

    assert await quickest(take, enough=AT_ONCE) <= AT_ONCE


@pytest.mark.parametrize("what", ["sign-out", "session-ended", "others-ended", "password"])
async def test_a_page_without_a_session_closes_at_once(site: Site, lasting: None, what: str) -> None:
    ends: dict[str, Callable[[Client, Client], object]] = {
        "sign-out": lambda open_one, _: open_one.post("/account/logout/"),
        "session-ended": lambda open_one, other: other.post(
            reverse("accounts:end-session", args=[UserSession.objects.get(session_key=key_of(open_one)).pk])
        ),
        "others-ended": lambda _, other: other.post(reverse("usersessions_list")),
        "password": lambda _, other: other.post(
            reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
        ),
    }

    async def take() -> float:
        cast = await in_thread(make_cast)
        open_one, other = await in_thread(signed_in, cast.bob.user), await in_thread(signed_in, cast.bob.user)
        async with Page(site.url, cast.organization.slug, await in_thread(key_of, open_one)) as page:
            code, seconds = await closing(page, lambda: ends[what](open_one, other))
        assert code == 4401
        return seconds

    assert await quickest(take, enough=AT_ONCE) <= AT_ONCE


async def test_other_people_and_organizations_keep_their_pages(site: Site, cast: Cast) -> None:
    both = await in_thread(join, cast.charlie.organization, cast.bob.user)
    browser = await in_thread(signed_in, cast.bob.user)
    key = await in_thread(key_of, browser)
    alice = await in_thread(key_of, await in_thread(signed_in, cast.alice.user))
    here = Page(site.url, cast.organization.slug, key)
    there = Page(site.url, both.organization.slug, key)
    hers = Page(site.url, cast.organization.slug, alice)
    async with here, there, hers:
        await closing(here, lambda: members.remove_member(acting=cast.alice, member=cast.bob))
        for page in (there, hers):
            await page.send(action="ping", ref="still here")
            assert (await page.answer_to("still here"))["type"] == "pong"


async def test_a_new_role_does_not_close_the_page(site: Site, cast: Cast) -> None:
    browser = await in_thread(signed_in, cast.bob.user)
    async with Page(site.url, cast.organization.slug, await in_thread(key_of, browser)) as page:
        await in_thread(lambda: members.change_role(acting=cast.alice, member=cast.bob, role=Role.REVIEWER))
        await page.send(action="ping", ref="still here")
        assert (await page.answer_to("still here"))["type"] == "pong"
    assert await in_thread(lambda: Membership.objects.get(id=cast.bob.id).role) == Role.REVIEWER


async def test_a_page_whose_hint_was_lost_closes_within_five_seconds(site: Site, lasting: None) -> None:
    """Rows are changed behind the application's back: nobody tells the socket."""

    async def take() -> float:
        cast = await in_thread(make_cast)
        async with (
            await in_thread(page_of, site, cast.bob) as without_access,
            await in_thread(page_of, site, cast.alice) as signed_out,
            await in_thread(page_of, site, cast.charlie) as untouched,
        ):
            began = time.monotonic()
            await in_thread(Membership.objects.filter(id=cast.bob.id).update, deactivated_at=timezone.now())
            await in_thread(Session.objects.filter(session_key=signed_out.session_key).delete)
            await without_access.until(lambda: without_access.closed_with is not None)
            await signed_out.until(lambda: signed_out.closed_with is not None)
            assert (without_access.closed_with, signed_out.closed_with) == (4403, 4401)
            assert untouched.closed_with is None
            return time.monotonic() - began

    assert await quickest(take, enough=HINT_LOST) <= HINT_LOST
