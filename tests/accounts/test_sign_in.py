"""Sign-in, second factors, passwords and sessions, through allauth's own pages in our clothes."""

from __future__ import annotations

import re
import secrets
from functools import partial

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.actions.passwords import make_password_link
from accounts.errors import SignedOut
from accounts.models import User
from accounts.seats import Seat, look_at_one
from audit.models import Event, Label
from tests.cast import PASSWORD, Cast, person
from tests.site import wait_until
from tests.visitor import visitor

NEW = "another quiet river 43"


def sign_in(pages: Client, user: User, password: str = PASSWORD) -> int:
    return pages.post("/account/login/", {"login": user.email, "password": password}).status_code


def confirm(pages: Client) -> None:
    assert pages.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302


def actions_of(user: User) -> list[str]:
    return list(Event.objects.filter(target_id=str(user.id)).order_by("at").values_list("action", flat=True))


def test_signing_in_and_out_is_in_the_record(pages: Client, cast: Cast) -> None:
    assert sign_in(pages, cast.bob.user) == 302
    assert pages.get(f"/o/{cast.organization.slug}/").status_code == 200
    pages.post("/account/logout/")
    assert pages.get(f"/o/{cast.organization.slug}/").status_code == 302
    assert actions_of(cast.bob.user) == ["accounts.signed_in", "accounts.signed_out"]


def test_a_failed_sign_in_is_in_the_record_with_an_erasable_name(pages: Client) -> None:
    tried = f"who-{secrets.token_hex(4)}@example.com"
    pages.post("/account/login/", {"login": tried, "password": "wrong password"})
    label = Label.objects.get(text=tried)
    event = Event.objects.get(target_id=str(label.id))
    assert (event.action, event.actor_id, event.organization_id) == ("accounts.sign_in_failed", None, None)
    assert tried not in str(event.facts)


def test_a_known_and_an_unknown_address_are_answered_the_same(pages: Client) -> None:
    known = person("Nina")
    answers = []
    for email in (known.email, f"x{known.email}"):
        for path, form in (
            ("/account/login/", {"login": email, "password": "wrong password"}),
            ("/account/password/reset/", {"email": email}),
        ):
            page = visitor().post(path, form, follow=True).content.decode()
            answers.append(re.sub(r'value="[^"]*"|content="[^"]*"|nonce="[^"]*"', "", page))
    assert answers[:2] == answers[2:]


def test_ten_failures_shut_the_account_for_everybody_who_does_not_know_the_password(pages: Client) -> None:
    user = person("Nina")
    for _ in range(10):
        page = visitor().post("/account/login/", {"login": user.email, "password": "wrong password"})
        assert "Too many failed sign-ins" not in page.content.decode()
    page = visitor().post("/account/login/", {"login": user.email, "password": PASSWORD})
    assert "Too many failed sign-ins" in page.content.decode()
    assert sign_in(visitor(), person("Otto")) == 302


def test_nobody_signs_up_without_an_invitation(pages: Client) -> None:
    email = f"new-{secrets.token_hex(4)}@example.com"
    assert "By invitation only" in pages.get("/account/signup/").content.decode()
    pages.post("/account/signup/", {"email": email, "password1": PASSWORD, "password2": PASSWORD})
    assert not User.objects.filter(email=email).exists()


def test_who_is_switched_off_does_not_come_in(pages: Client) -> None:
    user = person("Nina")
    User.objects.filter(id=user.id).update(is_active=False)
    sign_in(pages, user)
    assert "_auth_user_id" not in pages.session


@pytest.mark.parametrize(
    "name",
    [
        "accounts:profile",
        "account_email",
        "account_change_password",
        "mfa_index",
        "usersessions_list",
        "account_logout",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
        "account_reauthenticate",
    ],
)
def test_each_page_of_the_account_opens(pages: Client, cast: Cast, name: str) -> None:
    sign_in(pages, cast.bob.user)
    confirm(pages)
    response = pages.get(reverse(name))
    assert response.status_code == 200
    page = response.content.decode()
    assert "app.css" in page or "app." in page
    for script in re.findall(r"<script\b[^>]*>", page):
        assert "nonce=" in script or "application/json" in script, script


@pytest.mark.parametrize("name", ["account_login", "account_reset_password", "account_reset_password_done"])
def test_each_page_before_sign_in_opens(pages: Client, name: str) -> None:
    assert pages.get(reverse(name)).status_code == 200


def code_of(secret: str) -> str:
    # Of the periods that are accepted the middle one is now: it stays accepted when the next one begins.
    counters = list(yield_hotp_counters_from_time())
    return str(format_hotp_value(hotp_value(secret, counters[len(counters) // 2])))


def test_an_authenticator_app_asks_for_its_code(pages: Client, cast: Cast) -> None:
    user = cast.bob.user
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    sign_in(pages, user)
    assert pages.get(reverse("mfa_activate_totp")).headers["Location"].startswith(reverse("account_reauthenticate"))
    confirm(pages)
    page = pages.get(reverse("mfa_activate_totp"))
    assert "data:image/svg+xml" in page.content.decode()
    secret = page.context["form"].secret
    assert pages.post(reverse("mfa_activate_totp"), {"code": "000000"}).status_code == 200
    assert pages.post(reverse("mfa_activate_totp"), {"code": code_of(secret)}).status_code == 302
    assert "Recovery codes" in pages.get(reverse("mfa_index")).content.decode()
    assert pages.get(reverse("mfa_view_recovery_codes")).status_code == 200

    fresh = visitor()
    sign_in(fresh, user)
    assert fresh.get(f"/o/{cast.organization.slug}/").status_code == 302
    assert "One more step" in fresh.get(reverse("mfa_authenticate")).content.decode()
    recovery = RecoveryCodes(Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES))
    code = recovery.get_unused_codes()[0]
    assert fresh.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert fresh.get(f"/o/{cast.organization.slug}/").status_code == 200
    assert "accounts.second_factor.added" in actions_of(user)

    confirm(fresh)
    assert fresh.post(reverse("mfa_deactivate_totp")).status_code == 302
    assert "accounts.second_factor.removed" in actions_of(user)


def test_a_stolen_password_is_not_enough(pages: Client, cast: Cast) -> None:
    user = cast.bob.user
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    sign_in(pages, user)
    for _ in range(12):
        pages.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert pages.get(f"/o/{cast.organization.slug}/").status_code == 302


def test_changing_the_password_ends_other_sessions_and_their_sockets(pages: Client, cast: Cast) -> None:
    user, slug, other = cast.bob.user, cast.organization.slug, visitor()
    sign_in(pages, user)
    sign_in(other, user)
    key = other.session.session_key
    assert look_at_one(Seat(user_id=user.id, session_key=key, slug=slug))
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert pages.post(reverse("account_change_password"), form).status_code == 302
    with pytest.raises(SignedOut):
        look_at_one(Seat(user_id=user.id, session_key=key, slug=slug))
    assert look_at_one(Seat(user_id=user.id, session_key=pages.session.session_key, slug=slug))
    assert other.get(f"/o/{slug}/").status_code == 302
    assert "accounts.password.changed" in actions_of(user)


def test_one_session_ends_and_the_others_stay(pages: Client, cast: Cast) -> None:
    user, slug, other = cast.bob.user, cast.organization.slug, visitor()
    sign_in(pages, user)
    sign_in(other, user)
    assert "This one" in pages.get(reverse("usersessions_list")).content.decode()
    row = UserSession.objects.get(session_key=other.session.session_key)
    stranger = visitor()
    stranger.force_login(cast.charlie.user)
    assert stranger.post(reverse("accounts:end-session", args=[row.pk])).status_code == 404
    assert other.get(f"/o/{slug}/").status_code == 200
    assert pages.post(reverse("accounts:end-session", args=[row.pk])).status_code == 302
    assert other.get(f"/o/{slug}/").status_code == 302
    assert pages.get(f"/o/{slug}/").status_code == 200
    assert "accounts.session.ended" in actions_of(user)


def test_all_other_sessions_end_at_once(pages: Client, cast: Cast) -> None:
    others = [visitor(), visitor()]
    for one in (pages, *others):
        sign_in(one, cast.bob.user)
    pages.post(reverse("usersessions_list"))
    assert [one.get(f"/o/{cast.organization.slug}/").status_code for one in (pages, *others)] == [200, 302, 302]
    assert actions_of(cast.bob.user).count("accounts.session.ended") == 2


def test_a_lost_password_is_replaced_by_mail(pages: Client) -> None:
    user = person("Nina")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    pages.post(reverse("account_reset_password"), {"email": user.email})
    mine = partial(filter, lambda one: user.email in one.to)
    wait_until(lambda: any(mine(mail.outbox)), "the mail")
    found = re.search(r"/account/password/reset/key/\S+", str(next(mine(mail.outbox)).body))
    assert found
    replace(pages, found.group(), user)


def test_an_operator_makes_a_password_link(pages: Client) -> None:
    user, operator = person("Nina"), person("Oz", is_staff=True, is_superuser=True)
    link = make_password_link(acting=operator, person=user)
    replace(pages, link[link.index("/account/") :], user)
    assert "accounts.password.link_made" in actions_of(user)


def replace(pages: Client, path: str, user: User) -> None:
    page = pages.get(path, follow=True)
    assert "Choose a new password" in page.content.decode()
    address = page.redirect_chain[-1][0]
    pages.post(address, {"password1": NEW, "password2": NEW})
    assert sign_in(visitor(), user, NEW) == 302
    assert "This link does not work" in visitor().get(path, follow=True).content.decode()


def test_with_mail_a_new_person_confirms_the_address(cast: Cast, pages: Client, settings: Settings) -> None:
    settings.EMAIL_IS_SENT, settings.ACCOUNT_EMAIL_VERIFICATION = True, "mandatory"
    pages.force_login(cast.alice.user)
    email = f"nina-{secrets.token_hex(4)}@example.com"
    page = pages.post(reverse("console:invite", args=[cast.organization.slug]), {"role": "member", "email": email})
    assert "It was mailed" in page.content.decode()
    found = re.search(r"/invitations/\S+", str(mail.outbox[-1].body))
    assert found
    fresh = visitor()
    answer = fresh.post(found.group(), {"name": "Nina", "email": email, "password": PASSWORD})
    assert answer.headers["Location"] == reverse("account_email_verification_sent")
    assert fresh.get(f"/o/{cast.organization.slug}/").status_code == 302
    confirm = re.search(r"/account/confirm-email/\S+/", str(mail.outbox[-1].body))
    assert confirm
    assert "Yes, it is mine" in fresh.get(confirm.group()).content.decode()
    fresh.post(confirm.group())
    assert EmailAddress.objects.get(email=email).verified
