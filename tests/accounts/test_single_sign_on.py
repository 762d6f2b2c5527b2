"""Single sign-on lets in members and the invited, and nobody else."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.actions.founding import found_organization
from accounts.actions.invitations import invite
from accounts.actions.newcomers import make_person
from accounts.models import Membership, Role, User
from audit.models import Event
from hermes_web.single_sign_on import single_sign_on
from tests.cast import Cast, person
from tests.identity_provider import CLIENT, SECRET, IdentityProvider

LOGIN = "/account/oidc/oidc/login/"


@pytest.fixture
def provider(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[IdentityProvider]:
    """A provider, configured as an operator does it."""
    made = IdentityProvider()
    monkeypatch.setenv("HERMES_OIDC_ISSUER", made.issuer)
    monkeypatch.setenv("HERMES_OIDC_CLIENT_ID", CLIENT)
    monkeypatch.setenv("HERMES_OIDC_CLIENT_SECRET", SECRET)
    monkeypatch.setenv("HERMES_OIDC_NAME", "Acme directory")
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": single_sign_on()}}
    yield made
    made.close()


def come_back(browser: Client, **changes: str) -> HttpResponseBase:
    """Go to the provider and come back with a code."""
    away = browser.get(LOGIN)
    assert away.status_code == 302
    asked = parse_qs(urlsplit(away.headers["Location"]).query)
    assert asked["client_id"] == [CLIENT]
    assert urlsplit(asked["redirect_uri"][0]).path == f"{LOGIN}callback/"
    return browser.get(f"{LOGIN}callback/", {"code": "once", "state": asked["state"][0], **changes})


def signed_in_as(browser: Client) -> str | None:
    return browser.session.get("_auth_user_id")


def claims(email: str, *, verified: bool = True) -> dict[str, object]:
    return {"sub": secrets.token_hex(8), "email": email, "email_verified": verified, "name": "Nora New"}


def test_the_sign_in_page_offers_it_by_name(pages: Client, provider: IdentityProvider) -> None:
    page = pages.get(reverse("account_login")).content.decode()
    assert "Acme directory" in page
    assert LOGIN in page


def test_a_member_comes_in_and_is_known_the_next_time(pages: Client, cast: Cast, provider: IdentityProvider) -> None:
    user = cast.bob.user
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    provider.claims = claims(user.email)
    assert come_back(pages).status_code == 302
    assert signed_in_as(pages) == str(user.pk)
    told = set(Event.objects.filter(actor_id=user.pk).values_list("action", flat=True))
    assert told == {"accounts.single_sign_on.added", "accounts.signed_in"}
    assert provider.asked[-1]["client_secret"] == [SECRET]
    pages.post(reverse("account_logout"))
    # The provider's own id is what counts from now on, whatever becomes of the address.
    provider.claims = {**provider.claims, "email": "renamed@example.com"}
    assert come_back(pages).status_code == 302
    assert signed_in_as(pages) == str(user.pk)


def test_an_address_that_the_provider_did_not_verify_opens_nothing(
    pages: Client, cast: Cast, provider: IdentityProvider
) -> None:
    user = cast.bob.user
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    provider.claims = claims(user.email, verified=False)
    assert come_back(pages).status_code == 403
    assert signed_in_as(pages) is None


def test_an_address_that_we_did_not_verify_is_not_handed_over(
    pages: Client, cast: Cast, provider: IdentityProvider
) -> None:
    """Who took somebody's address first, with a password, must not receive their sign-in."""
    EmailAddress.objects.create(user=cast.bob.user, email=cast.bob.user.email, verified=False, primary=True)
    provider.claims = claims(cast.bob.user.email)
    assert come_back(pages).status_code == 403
    assert signed_in_as(pages) is None


def test_who_is_not_invited_is_told_so_and_no_account_is_made(pages: Client, provider: IdentityProvider) -> None:
    email = f"{secrets.token_hex(4)}@example.com"
    provider.claims = claims(email)
    answer = come_back(pages)
    assert answer.status_code == 403
    assert b"nobody has invited" in getattr(answer, "content", b"")
    assert not User.objects.filter(email=email).exists()


def test_who_opened_an_invitation_joins_with_its_role(pages: Client, cast: Cast, provider: IdentityProvider) -> None:
    email = f"{secrets.token_hex(4)}@example.com"
    made = invite(acting=cast.alice, role=Role.REVIEWER, email=email)
    assert pages.get(f"/invitations/{made.token}/").status_code == 200
    provider.claims = claims(email)
    assert come_back(pages).status_code == 302
    member = Membership.objects.get(organization=cast.organization, user__email=email)
    assert (member.role, member.user.name) == (Role.REVIEWER, "Nora New")
    assert signed_in_as(pages) == str(member.user_id)


@pytest.mark.parametrize("is_active", [True, False])
def test_an_address_that_is_taken_is_refused_in_words(
    pages: Client, cast: Cast, provider: IdentityProvider, is_active: bool
) -> None:
    known = person("Nina", is_active=is_active)
    EmailAddress.objects.create(user=known, email=known.email, verified=not is_active, primary=True)
    made = invite(acting=cast.alice, role=Role.MEMBER)
    pages.get(f"/invitations/{made.token}/")
    provider.claims = claims(known.email)
    answer = come_back(pages)
    assert answer.status_code == 403
    assert b"There is an account with this email" in getattr(answer, "content", b"")
    assert signed_in_as(pages) is None


def test_the_first_owner_from_the_environment_is_known(
    pages: Client, provider: IdentityProvider, settings: Settings
) -> None:
    email = f"{secrets.token_hex(4)}@example.com"
    owner = make_person(email=email, password=None, verified=True)
    found_organization(name="Theirs", owner=owner)
    provider.claims = claims(email)
    assert come_back(pages).status_code == 302
    assert signed_in_as(pages) == str(owner.pk)


def test_an_invitation_for_another_address_opens_nothing(
    pages: Client, cast: Cast, provider: IdentityProvider
) -> None:
    made = invite(acting=cast.alice, role=Role.MEMBER, email="meant-for@example.com")
    pages.get(f"/invitations/{made.token}/")
    provider.claims = claims(f"{secrets.token_hex(4)}@example.com")
    assert come_back(pages).status_code == 403


def test_an_answer_to_a_question_nobody_asked_is_refused(pages: Client, provider: IdentityProvider) -> None:
    provider.claims = claims("mallory@example.com")
    come_back(pages, state="forged")
    assert signed_in_as(pages) is None
