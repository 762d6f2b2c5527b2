"""A change of credentials and its place in the record are one: where nothing can be recorded, nothing is changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth import urls as allauth_urls
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.mail import EmailMessage
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse
from pytest_django import Settings

from accounts import account_urls, key_form, trail
from accounts.models import User
from audit.models import Event
from tests.accounts.test_sign_in import NEW, code_of, confirm, sign_in
from tests.cast import PASSWORD, Cast

SECRET = "JBSWY3DPEHPK3PXP"
Act = Callable[[Client, User], object]


def activate(pages: Client, user: User) -> None:
    secret = pages.get(reverse("mfa_activate_totp")).context["form"].secret
    pages.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})


def deactivate(pages: Client, user: User) -> None:
    pages.post(reverse("mfa_deactivate_totp"))


def make_codes(pages: Client, user: User) -> None:
    pages.post(reverse("mfa_generate_recovery_codes"))


def key_of(user: User) -> Authenticator:
    return Authenticator.objects.get(user=user, type=Authenticator.Type.WEBAUTHN)


def remove_key(pages: Client, user: User) -> None:
    pages.post(reverse("mfa_remove_webauthn", args=[key_of(user).pk]))


def rename_key(pages: Client, user: User) -> None:
    pages.post(reverse("mfa_edit_webauthn", args=[key_of(user).pk]), {"name": "Blue"})


def change_password(pages: Client, user: User) -> None:
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    pages.post(reverse("account_change_password"), form)


def remove_email(pages: Client, user: User) -> None:
    pages.post(reverse("account_email"), {"action_remove": "", "email": f"second-{user.email}"})


# Each way to change something, with what is then recorded.
CHANGES: dict[Act, str] = {
    activate: "accounts.second_factor.added",
    deactivate: "accounts.second_factor.removed",
    make_codes: "accounts.second_factor.reset",
    remove_key: "accounts.second_factor.removed",
    rename_key: "accounts.second_factor.renamed",
    change_password: "accounts.password.changed",
    remove_email: "accounts.email.removed",
}


def credentials_of(user: User) -> tuple[object, ...]:
    factors = Authenticator.objects.filter(user=user).order_by("pk").values_list("pk", "type", "data")
    emails = EmailAddress.objects.filter(user=user).order_by("pk").values_list("email", "primary")
    return User.objects.get(pk=user.pk).password, list(factors), list(emails)


@pytest.fixture
def user(act: Act, cast: Cast, pages: Client) -> User:
    """Bob, signed in, with a second address and a key, and with an authenticator app unless he is to add it."""
    found = cast.bob.user
    sign_in(pages, found)
    confirm(pages)
    EmailAddress.objects.create(user=found, email=found.email, verified=True, primary=True)
    EmailAddress.objects.create(user=found, email=f"second-{found.email}", verified=True)
    if act is not activate:
        TOTP.activate(found, SECRET)
        RecoveryCodes.activate(found)
    Authenticator.objects.create(user=found, type=Authenticator.Type.WEBAUTHN, data={"name": "Red", "credential": {}})
    return found


@pytest.mark.parametrize("act", CHANGES, ids=lambda one: one.__name__)
def test_what_cannot_be_recorded_does_not_happen(
    act: Act, pages: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise DatabaseError("the record takes nothing")

    before = credentials_of(user)
    for module in (trail, key_form):
        monkeypatch.setattr(module, "record_everywhere", refuse)
    with pytest.raises(DatabaseError):
        act(pages, user)
    assert credentials_of(user) == before


@pytest.mark.parametrize("act", [change_password, remove_email, deactivate], ids=lambda one: one.__name__)
def test_nobody_is_mailed_of_what_did_not_happen(
    act: Act,
    pages: Client,
    user: User,
    settings: Settings,
    mailoutbox: list[EmailMessage],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise DatabaseError("the record takes nothing")

    settings.ACCOUNT_EMAIL_NOTIFICATIONS = True
    with monkeypatch.context() as patch, pytest.raises(DatabaseError):
        patch.setattr(trail, "record_everywhere", refuse)
        act(pages, user)
    assert mailoutbox == []
    act(pages, user)
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("act", [change_password], ids=lambda one: one.__name__)
def test_a_mail_server_that_takes_its_time_holds_up_no_transaction(
    act: Act, pages: Client, user: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_transactions = []
    monkeypatch.setattr(EmailMessage, "send", lambda *_, **__: open_transactions.append(connection.in_atomic_block))
    settings.ACCOUNT_EMAIL_NOTIFICATIONS = True
    act(pages, user)
    assert open_transactions == [False]


@pytest.mark.parametrize("act", CHANGES, ids=lambda one: one.__name__)
def test_what_can_be_does(act: Act, pages: Client, user: User) -> None:
    told = Event.objects.filter(actor_id=user.id, action=CHANGES[act])
    before, known = credentials_of(user), told.count()
    act(pages, user)
    assert credentials_of(user) != before
    assert told.count() == known + 1


def test_every_address_of_the_account_is_one_transaction() -> None:
    def views(patterns: list[URLPattern | URLResolver]) -> list[Callable[..., object]]:
        nested = [views(one.url_patterns) if isinstance(one, URLResolver) else [one.callback] for one in patterns]
        return [view for found in nested for view in found]

    found, theirs = views(account_urls.urlpatterns), views(allauth_urls.urlpatterns)
    assert len(found) == len(theirs) > 20
    assert [view.__wrapped__ for view in found] == theirs  # type: ignore[attr-defined]
