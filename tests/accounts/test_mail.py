"""A mail server that is down: what was done stays done, is in the record, and the person is told."""

from __future__ import annotations

import logging
import secrets
from threading import Event

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.actions.invitations import invite
from accounts.adapter import NOT_MAILED
from accounts.models import Membership, Role, User
from audit.models import Event as Recorded
from tests.cast import PASSWORD, Cast, person
from tests.environment import free_port
from tests.visitor import visitor

NEW = "another quiet river 43"


@pytest.fixture(autouse=True)
def no_mail_server(settings: Settings) -> None:
    """Mail is sent to a port at which nobody listens."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_IS_SENT = settings.ACCOUNT_EMAIL_NOTIFICATIONS = True
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


def known() -> User:
    user = person("Nina")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def test_a_password_is_changed_and_the_session_goes_on(pages: Client, caplog: pytest.LogCaptureFixture) -> None:
    user = known()
    pages.post("/account/login/", {"login": user.email, "password": PASSWORD})
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    with caplog.at_level(logging.WARNING, "accounts.adapter"):
        answer = pages.post(reverse("account_change_password"), form, follow=True)
    assert NOT_MAILED in answer.content.decode()
    assert "password_changed could not be mailed" in caplog.text
    assert pages.get(reverse("accounts:profile")).status_code == 200
    assert Recorded.objects.filter(target_id=str(user.id), action="accounts.password.changed").count() == 1


def test_who_joins_is_told_that_the_confirmation_was_not_sent(pages: Client, cast: Cast) -> None:
    made = invite(acting=cast.alice, role=Role.MEMBER)
    email = f"nina-{secrets.token_hex(4)}@example.com"
    form = {"name": "Nina", "email": email, "password": PASSWORD}
    answer = pages.post(f"/invitations/{made.token}/", form, follow=True)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert NOT_MAILED in page
    assert "Confirmation email sent" not in page
    assert Membership.objects.filter(organization=cast.organization, user__email=email).exists()


def test_nobody_waits_for_the_mail_about_a_lost_password(pages: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """How long the mail server takes would tell which addresses are known."""
    may_send, sent = Event(), Event()

    def send(self: EmailMessage, *_: object) -> None:
        may_send.wait(60)
        sent.set()

    monkeypatch.setattr(EmailMessage, "send", send)
    assert pages.post(reverse("account_reset_password"), {"email": known().email}).status_code == 302
    assert not sent.is_set()
    may_send.set()
    assert sent.wait(60)


def test_a_lost_password_is_answered_the_same_for_every_address(pages: Client) -> None:
    user = known()
    answers = [
        visitor().post(reverse("account_reset_password"), {"email": email}, follow=True)
        for email in (user.email, f"x{user.email}")
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [NOT_MAILED in answer.content.decode() for answer in answers] == [False, False]
