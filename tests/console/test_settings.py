"""The console's pages of settings: saved, refused at the field, and never over somebody else's change."""

from __future__ import annotations

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.urls import reverse

from accounts.models import Branding, Invitation, SignInRules
from audit.models import Event
from tests.cast import Cast

NAMES = {"name": "Acme", "version": "0"}


@pytest.fixture
def alice(pages: Client, cast: Cast) -> Client:
    pages.force_login(cast.alice.user)
    return pages


def at(cast: Cast, name: str) -> str:
    return reverse(f"console:{name}", args=[cast.organization.slug])


def test_branding_is_saved_and_recorded(alice: Client, cast: Cast) -> None:
    typed = {**NAMES, "title": "Acme Chat", "welcome": "Hello", "accent": "teal", "guidance_url": "https://acme.com"}
    page = alice.post(at(cast, "organization"), typed, follow=True).content.decode()
    assert "Saved. Everybody sees it" in page
    assert 'data-accent="teal"' in page
    assert Branding.objects.get(organization=cast.organization).welcome == "Hello"
    assert Event.objects.filter(organization_id=cast.organization.id, action="accounts.branding.changed").exists()


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("guidance_url", "javascript:alert(1)", "begins with https://"),
        ("accent", "invisible", "Select a valid choice"),
        ("name", "", "This field is required"),
        ("welcome", "x" * 201, "at most 200 characters"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(alice: Client, cast: Cast, field: str, typed: str, words: str) -> None:
    page = alice.post(at(cast, "organization"), {**NAMES, field: typed}).content.decode()
    assert words in page or field == "accent"
    assert "Not saved yet" in page
    assert not Branding.objects.filter(organization=cast.organization).exists()


def test_a_newer_branding_is_shown_beside_ones_own(alice: Client, cast: Cast) -> None:
    alice.post(at(cast, "organization"), {**NAMES, "welcome": "First"})
    page = alice.post(at(cast, "organization"), {**NAMES, "welcome": "Second"}).content.decode()
    assert "Somebody else has saved this" in page
    assert "First" in page
    assert 'name="version" value="1"' in page
    assert Branding.objects.get(organization=cast.organization).welcome == "First"
    alice.post(at(cast, "organization"), {**NAMES, "welcome": "Second", "version": "1"})
    assert Branding.objects.get(organization=cast.organization).welcome == "Second"


def test_sign_in_rules_are_saved(alice: Client, cast: Cast) -> None:
    typed = {"version": "0", "second_factor_roles": ["member"], "session_hours": "", "domains": "Acme.com, acme.org"}
    assert "Saved. It holds" in alice.post(at(cast, "sign-in"), typed, follow=True).content.decode()
    rules = SignInRules.objects.get(organization=cast.organization)
    assert (rules.second_factor_roles, rules.session_hours) == (["member"], None)
    assert rules.domains == ["acme.com", "acme.org"]
    assert "acme.com\nacme.org" in alice.get(at(cast, "sign-in")).content.decode()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"domains": "acme.com nonsense <b>"}, "This is no domain: nonsense, &lt;b&gt;"),
        ({"session_hours": "0"}, "greater than or equal to 1"),
        ({"session_hours": "soon"}, "Enter a whole number"),
        ({"second_factor_roles": ["owner"]}, "This would shut you out"),
        ({"domains": " ".join(f"a{number}.com" for number in range(51))}, "At most 50"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    alice: Client, cast: Cast, typed: dict[str, str | list[str]], words: str
) -> None:
    page = alice.post(at(cast, "sign-in"), {"version": "0", **typed}).content.decode()
    assert words in page
    assert "Not saved yet" in page
    assert not SignInRules.objects.filter(organization=cast.organization).exists()


def test_newer_rules_are_shown_beside_ones_own(alice: Client, cast: Cast) -> None:
    alice.post(at(cast, "sign-in"), {"version": "0", "domains": "acme.com"})
    typed = {"version": "0", "domains": "acme.org", "second_factor_roles": ["member", "reviewer"]}
    page = alice.post(at(cast, "sign-in"), typed).content.decode()
    assert "Somebody else has saved this" in page
    assert page.count(" checked") == 2
    assert SignInRules.objects.get(organization=cast.organization).domains == ["acme.com"]
    alice.post(at(cast, "sign-in"), {**typed, "version": "1"})
    assert SignInRules.objects.get(organization=cast.organization).domains == ["acme.org"]


def test_it_says_who_has_no_second_factor(alice: Client, cast: Cast) -> None:
    assert "1 of 1 owner" in alice.get(at(cast, "sign-in")).content.decode()
    TOTP.activate(cast.alice.user, "JBSWY3DPEHPK3PXP")
    page = alice.get(at(cast, "sign-in")).content.decode()
    assert "0 of 1 owner" in page
    assert "1 of 1 member" in page


def test_an_invitation_elsewhere_is_refused_at_its_field(alice: Client, cast: Cast) -> None:
    SignInRules.objects.create(organization=cast.organization, domains=["acme.com"])
    typed = {"role": "member", "email": "ann@example.com"}
    page = alice.post(at(cast, "invite"), typed).content.decode()
    assert "Only addresses of acme.com can be invited here" in page
    assert not Invitation.objects.filter(organization=cast.organization).exists()
