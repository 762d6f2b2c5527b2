"""What allauth may do here."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable, Iterable
from contextvars import copy_context
from functools import partial
from threading import Thread
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.shortcuts import render

from accounts.actions.invitations import accept_invitation, usable
from accounts.actions.sessions import end_session
from accounts.errors import AccountsError, EmailTaken, InvitationUnusable
from accounts.everywhere import record_everywhere
from accounts.http import person
from accounts.models import Invitation, User
from accounts.queries import organizations_of
from accounts.revocation import access_changed
from audit.record import current_origin

UNKNOWN = "Your sign-in worked, but nobody has invited this address here. Ask an administrator for an invitation."
TOO_MANY = "Too many failed sign-ins. Wait 15 minutes and try again, or reset the password."
NOT_MAILED = "A mail could not be sent: the mail server did not take it. Tell whoever runs this server."
PASSWORD_RESET = "account/email/password_reset_key"
SAYS_IT_WAS_MAILED = "account/messages/email_confirmation_sent.txt"
INVITATION = "invitation"

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by the set-up link and by invitations only."""

    error_messages = {**DefaultAccountAdapter.error_messages, "too_many_login_attempts": TOO_MANY}

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail once what it is about stays: nobody hears of what is rolled back, no row waits for a server."""
        send = partial(self._send_mail, template_prefix, email, context)
        # Who asks for a new password must not learn by how long it takes whether there is an account.
        transaction.on_commit(partial(_beside, send) if template_prefix == PASSWORD_RESET else send)

    def _send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail, or say that it was not sent."""
        try:
            super().send_mail(template_prefix, email, context)
        except (smtplib.SMTPException, OSError) as error:
            log.warning("%s could not be mailed: %s", template_prefix, error)
            # Who asks for a new password must not learn it here either.
            if template_prefix != PASSWORD_RESET:
                self.request.mail_failed = True
                messages.error(self.request, NOT_MAILED)

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Mail a link for a new password, and record that somebody asked for it."""
        with transaction.atomic():
            record_everywhere("accounts.password.reset_asked", person=user, acting=None)
        super().send_password_reset_mail(user, email, context)

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *rest: Any, **more: Any
    ) -> None:
        """Say what allauth has to say, except that a mail was sent which was not."""
        say = partial(super().add_message, request, level, message_template, *rest, **more)
        if message_template != SAYS_IT_WAS_MAILED:
            say()
        else:
            # After the mail itself, which goes with the end of the transaction.
            transaction.on_commit(lambda: None if getattr(request, "mail_failed", False) else say())

    def get_client_ip(self, request: HttpRequest) -> str:
        return current_origin().address or str(super().get_client_ip(request))

    def logout(self, request: HttpRequest) -> None:
        user = person(request)
        super().logout(request)
        # Only then is the session gone; a socket that looks earlier would still find it.
        transaction.on_commit(partial(access_changed, user.id))


def _beside(act: Callable[[], None]) -> None:
    """Do something that nobody waits for."""
    Thread(target=copy_context().run, args=(act,), name="mail").start()


class SecondFactorAdapter(DefaultMFAAdapter):
    """Name people by their email in authenticator apps and on security keys."""

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return {**entity, "name": user.email, "display_name": str(user)}


class SessionsAdapter(DefaultUserSessionsAdapter):
    """End sessions with their sockets."""

    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        for session in sessions:
            end_session(acting=session.user, session=session)


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Let in who is a member or invited, by an address that the provider says it has verified."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if sociallogin.is_existing:
            return
        emails = _verified(sociallogin)
        user, invitation = _known(emails), _invitation(request, emails)
        if user is not None and (invitation or organizations_of(user).exists()):
            sociallogin.connect(request, user)
        elif user is not None or invitation is None:
            raise _refusal(request, UNKNOWN)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return _invitation(request, _verified(sociallogin)) is not None

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        user.name = str(data.get("name") or "")[:120]
        return user

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: object = None) -> User:
        """Create the person and use the invitation up, both or neither."""
        try:
            with transaction.atomic():
                user: User = super().save_user(request, sociallogin, form)
                accept_invitation(token=request.session.pop(INVITATION), user=user)
        except AccountsError as error:
            raise _refusal(request, error.words) from None
        except IntegrityError:
            # Somebody has the address who was not recognized by it: switched off, or without a proof of it.
            raise _refusal(request, EmailTaken.words) from None
        return user


def _verified(sociallogin: SocialLogin) -> list[str]:
    return [address.email.lower() for address in sociallogin.email_addresses if address.verified]


def _known(emails: list[str]) -> User | None:
    # Ours must be verified too: else one could take somebody's address first and wait for them to sign in.
    proved = EmailAddress.objects.filter(email__in=emails, verified=True).values("user_id")
    return User.objects.filter(id__in=proved, is_active=True).first()


def _invitation(request: HttpRequest, emails: list[str]) -> Invitation | None:
    """Return the invitation whose link this browser has opened, when it is for one of these addresses."""
    token = request.session.get(INVITATION)
    if not token or not emails:
        return None
    try:
        found = usable(token)
    except InvitationUnusable:
        return None
    return found if found.email in ("", *emails) else None


def _refusal(request: HttpRequest, words: str) -> ImmediateHttpResponse:
    return ImmediateHttpResponse(render(request, "accounts/refused.html", {"words": words}, status=403))
