"""What an organization asks of sign-ins: the checks themselves, and the doors of pages, sockets and invitations."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.actions.invitations import accept_invitation, invite
from accounts.actions.sign_in_rules import SignInDraft, change_sign_in_rules
from accounts.errors import DomainRefused, Invalid, NotAllowed, Outdated, SecondFactorNeeded, SessionTooOld
from accounts.models import Invitation, Membership, Organization, Role, SignInRules
from accounts.seats import Seat, look_at_one
from accounts.sign_in_rules import Asked, SignIn, admits, is_too_old, lacks_second_factor, read_domains, sign_in_of
from audit.models import Event
from tests.cast import PASSWORD, Cast, join, person

NOW = datetime(2026, 11, 21, tzinfo=UTC)
WORDS = st.text(alphabet="abc-1.", max_size=12)


def ask(place: Organization, *roles: Role, hours: int | None = None, domains: tuple[str, ...] = ()) -> None:
    SignInRules.objects.update_or_create(
        organization=place,
        defaults={
            "second_factor_roles": [role.value for role in roles],
            "session_hours": hours,
            "domains": list(domains),
        },
    )


def enter(pages: Client, membership: Membership) -> None:
    answer = pages.post("/account/login/", {"login": membership.user.email, "password": PASSWORD})
    assert answer.status_code == 302


def home(membership: Membership) -> str:
    return reverse("chat:home", args=[membership.organization.slug])


def seat(pages: Client, membership: Membership) -> Seat:
    key = pages.cookies[settings.SESSION_COOKIE_NAME].value
    return Seat(user_id=membership.user_id, session_key=key, slug=membership.organization.slug)


def code_of(pages: Client) -> str:
    secret = pages.get(reverse("mfa_activate_totp")).context["form"].secret
    counters = list(yield_hotp_counters_from_time())
    return str(format_hotp_value(hotp_value(secret, counters[len(counters) // 2])))


def age(pages: Client, hours: float) -> None:
    session = SessionStore(pages.cookies[settings.SESSION_COOKIE_NAME].value)
    for one in session["account_authentication_methods"]:
        one["at"] -= hours * 3600
    session.modified = True
    session.save()


@given(hours=st.integers(1, 10_000), minutes=st.integers(0, 1_000_000))
def test_a_session_is_too_old_from_its_last_hour_on(hours: int, minutes: int) -> None:
    sign_in = SignIn(began=NOW - timedelta(minutes=minutes))
    assert is_too_old(Asked(session_hours=hours), sign_in, NOW) == (minutes >= hours * 60)
    assert not is_too_old(Asked(), sign_in, NOW)


def test_a_session_that_does_not_tell_its_age_is_too_old() -> None:
    assert is_too_old(Asked(session_hours=10_000), sign_in_of({}), NOW)
    assert is_too_old(Asked(session_hours=10_000), sign_in_of({"account_authentication_methods": ["?"]}), NOW)


@pytest.mark.parametrize(
    ("asks", "used", "has", "lacks"),
    [
        (False, False, False, False),
        (True, True, True, False),
        (True, True, False, True),
        (True, False, True, True),
        (True, False, False, True),
    ],
)
def test_a_second_factor_is_one_that_exists_and_was_shown(asks: bool, used: bool, has: bool, lacks: bool) -> None:
    found = lacks_second_factor(Asked(second_factor=asks), SignIn(used_second_factor=used), has_one=has)
    assert found is lacks


def test_a_session_tells_how_it_began() -> None:
    at = time.time()
    steps = [{"method": "password", "at": at}, {"method": "mfa", "at": at + 5}]
    found = sign_in_of({"account_authentication_methods": steps})
    assert found == SignIn(began=datetime.fromtimestamp(at, UTC), used_second_factor=True)


@given(st.lists(WORDS, max_size=4), WORDS)
def test_only_the_domains_themselves_are_admitted(domains: list[str], domain: str) -> None:
    assert admits(domains, f"Ann@{domain.upper()}") == (not domains or domain in domains)


def test_a_domain_is_no_subdomain_and_no_ending() -> None:
    assert not admits(["acme.com"], "ann@mail.acme.com")
    assert not admits(["acme.com"], "ann@notacme.com")
    assert not admits(["acme.com"], "acme.com")


@given(st.text(max_size=60))
def test_whatever_is_typed_is_sorted_into_domains_and_others(typed: str) -> None:
    good, bad = read_domains(typed)
    assert len(set(good)) == len(good)
    assert not set(good) & set(bad)
    assert read_domains(" ".join(good)) == (good, [])


def test_domains_are_read_as_people_write_them() -> None:
    assert read_domains("Acme.com, @acme.org\nacme.com; x y.") == (["acme.com", "acme.org"], ["x", "y"])


def test_who_lacks_a_second_factor_is_led_to_set_one_up_and_comes_in(pages: Client, cast: Cast) -> None:
    ask(cast.organization, Role.MEMBER)
    enter(pages, cast.bob)
    step = reverse("accounts:second-factor", args=[cast.organization.slug])
    assert pages.get(home(cast.bob)).headers["Location"] == step
    page = pages.get(step).content.decode()
    assert f"{cast.organization.name} asks every member to sign in with a second factor." in page
    assert reverse("mfa_activate_totp") in page
    with pytest.raises(SecondFactorNeeded):
        look_at_one(seat(pages, cast.bob))
    assert pages.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302
    assert pages.post(reverse("mfa_activate_totp"), {"code": code_of(pages)}).status_code == 302
    assert pages.get(home(cast.bob)).status_code == 200
    assert look_at_one(seat(pages, cast.bob)) == cast.bob
    assert pages.get(step).headers["Location"] == home(cast.bob)


def test_an_older_session_shows_the_second_factor_once(pages: Client, cast: Cast) -> None:
    enter(pages, cast.bob)
    TOTP.activate(cast.bob.user, "JBSWY3DPEHPK3PXP")
    ask(cast.organization, Role.MEMBER)
    page = pages.get(home(cast.bob), follow=True).content.decode()
    assert "Show it once" in page
    shown_at = f"{reverse('mfa_reauthenticate')}?next={home(cast.bob)}"
    assert f'href="{shown_at}"' in page
    assert pages.get(shown_at).status_code == 200


def test_who_has_a_key_alone_is_led_to_show_it_and_not_the_password(pages: Client, cast: Cast) -> None:
    enter(pages, cast.bob)
    Authenticator.objects.create(
        user=cast.bob.user, type=Authenticator.Type.WEBAUTHN, data={"name": "Red", "credential": {}}
    )
    ask(cast.organization, Role.MEMBER)
    page = pages.get(home(cast.bob), follow=True).content.decode()
    assert f'href="{reverse("mfa_reauthenticate_webauthn")}?next={home(cast.bob)}"' in page


def test_a_second_factor_that_is_removed_counts_no_more(pages: Client, cast: Cast) -> None:
    enter(pages, cast.bob)
    TOTP.activate(cast.bob.user, "JBSWY3DPEHPK3PXP")
    session = SessionStore(pages.cookies[settings.SESSION_COOKIE_NAME].value)
    session["account_authentication_methods"] += [{"method": "mfa", "at": time.time()}]
    session.save()
    ask(cast.organization, Role.MEMBER)
    assert pages.get(home(cast.bob)).status_code == 200
    Authenticator.objects.filter(user=cast.bob.user).delete()
    assert pages.get(home(cast.bob)).status_code == 302


def test_other_roles_and_other_organizations_are_not_asked(pages: Client, cast: Cast) -> None:
    ask(cast.organization, Role.OWNER, Role.ADMIN)
    enter(pages, cast.bob)
    assert pages.get(home(cast.bob)).status_code == 200
    elsewhere = join(cast.charlie.organization, cast.alice.user)
    pages.logout()
    enter(pages, cast.alice)
    assert pages.get(home(cast.alice)).status_code == 302
    assert pages.get(home(elsewhere)).status_code == 200


def test_a_session_that_is_too_old_ends_and_says_why(pages: Client, cast: Cast) -> None:
    ask(cast.organization, hours=8)
    enter(pages, cast.bob)
    assert pages.get(home(cast.bob)).status_code == 200
    age(pages, 8)
    with pytest.raises(SessionTooOld):
        look_at_one(seat(pages, cast.bob))
    page = pages.get(home(cast.bob), follow=True)
    assert page.redirect_chain[-1][0] == f"/account/login/?next={home(cast.bob)}"
    assert "asks everybody to sign in again every 8 hours" in page.content.decode()
    signed_out = Event.objects.filter(actor_id=cast.bob.user_id, action="accounts.signed_out")
    assert signed_out.exists()
    enter(pages, cast.bob)
    assert pages.get(home(cast.bob)).status_code == 200


def test_a_part_of_a_page_leads_the_whole_page_away(pages: Client, cast: Cast) -> None:
    ask(cast.organization, Role.MEMBER)
    enter(pages, cast.bob)
    answer = pages.get(reverse("chat:list", args=[cast.organization.slug]), headers={"HX-Request": "true"})
    step = reverse("accounts:second-factor", args=[cast.organization.slug])
    assert answer.headers["HX-Redirect"] == step
    session = pages.get(f"/o/{cast.organization.slug}/session")
    assert (session.status_code, "second factor" in session.json()["text"]) == (401, True)


def test_whoever_is_asked_may_still_leave(pages: Client, cast: Cast) -> None:
    ask(cast.organization, Role.MEMBER, hours=1)
    enter(pages, cast.bob)
    pages.post(reverse("accounts:leave", args=[cast.organization.slug]))
    assert not Membership.objects.filter(id=cast.bob.id).exists()


def test_strangers_learn_nothing_of_the_rules(pages: Client, cast: Cast) -> None:
    ask(cast.organization, *Role, hours=1)
    enter(pages, cast.charlie)
    assert pages.get(home(cast.bob)).status_code == 404
    assert pages.get(reverse("accounts:second-factor", args=[cast.organization.slug])).status_code == 404


def test_invitations_go_to_the_domains_alone(cast: Cast) -> None:
    ask(cast.organization, domains=("acme.com",))
    with pytest.raises(DomainRefused, match=r"acme\.com"):
        invite(acting=cast.alice, role=Role.MEMBER, email="ann@example.com")
    assert not Invitation.objects.filter(organization=cast.organization).exists()
    assert invite(acting=cast.alice, role=Role.MEMBER, email="Ann@Acme.com").invitation.email == "ann@acme.com"


def test_a_link_for_nobody_in_particular_admits_the_domains_alone(cast: Cast) -> None:
    made = invite(acting=cast.alice, role=Role.MEMBER)
    ask(cast.organization, domains=("acme.com",))
    with pytest.raises(DomainRefused):
        accept_invitation(token=made.token, user=cast.charlie.user)
    ask(cast.organization, domains=("example.com",))
    assert accept_invitation(token=made.token, user=cast.charlie.user).organization == cast.organization


def test_a_new_person_of_another_domain_is_told_so_at_the_field(pages: Client, cast: Cast) -> None:
    made = invite(acting=cast.alice, role=Role.MEMBER)
    ask(cast.organization, domains=("acme.com",))
    facts = {"name": "Ann", "email": f"x-{cast.bob.user.email}", "password": PASSWORD}
    page = pages.post(reverse("accounts:invitation", args=[made.token]), facts)
    assert "Only addresses of acme.com can be invited here" in page.content.decode()


def test_a_change_is_recorded_before_and_after(cast: Cast) -> None:
    TOTP.activate(cast.alice.user, "JBSWY3DPEHPK3PXP")
    draft = SignInDraft(second_factor_roles=[Role.OWNER], session_hours=12, domains=["acme.com"])
    assert change_sign_in_rules(acting=cast.alice, version=0, draft=draft).version == 1
    event = Event.objects.get(organization_id=cast.organization.id, action="accounts.sign_in_rules.changed")
    assert event.facts["session_hours_before"] is None
    assert event.facts["session_hours_after"] == 12
    assert event.facts["second_factor_for_after"] == "owner"
    assert change_sign_in_rules(acting=cast.alice, version=1, draft=draft).version == 1
    assert Event.objects.filter(organization_id=cast.organization.id, action=event.action).count() == 1


def test_two_administrators_do_not_overwrite_each_other(cast: Cast) -> None:
    change_sign_in_rules(acting=cast.alice, version=0, draft=SignInDraft(session_hours=12))
    with pytest.raises(Outdated):
        change_sign_in_rules(acting=cast.alice, version=0, draft=SignInDraft(session_hours=24))
    assert SignInRules.objects.get(organization=cast.organization).session_hours == 12


def test_nobody_shuts_themselves_out(cast: Cast) -> None:
    with pytest.raises(Invalid, match="shut you out"):
        change_sign_in_rules(
            acting=cast.alice, version=0, draft=SignInDraft(second_factor_roles=[Role.OWNER, Role.MEMBER])
        )
    assert not SignInRules.objects.filter(organization=cast.organization).exists()


@pytest.mark.parametrize("hours", [0, 100_000])
def test_hours_are_within_reason(cast: Cast, hours: int) -> None:
    with pytest.raises(Invalid):
        change_sign_in_rules(acting=cast.alice, version=0, draft=SignInDraft(session_hours=hours))


def test_members_and_reviewers_change_nothing(cast: Cast) -> None:
    for acting in (cast.bob, join(cast.organization, person("Rita"), Role.REVIEWER)):
        with pytest.raises(NotAllowed):
            change_sign_in_rules(acting=acting, version=0, draft=SignInDraft(session_hours=1))
