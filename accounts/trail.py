"""Write sign-ins, sign-outs and changes of credentials into the audit record, and close what they end."""

from __future__ import annotations

import uuid
from typing import Any

from allauth.account.signals import password_changed, password_reset
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.db.models.signals import post_delete

from accounts.models import User
from accounts.revocation import access_changed
from allauth.usersessions.models import UserSession
from audit.record import record


def _record(action: str, user: User | None, **facts: str) -> None:
    with transaction.atomic():
        record(
            action,
            actor_id=user.pk if user else None,
            target=("user", user.pk if user else ""),
            facts=facts,
            labels={user.pk: user.email} if user else None,
        )


def signed_in(sender: Any, user: User, **_: Any) -> None:
    _record("accounts.signed_in", user)


def signed_out(sender: Any, user: User | None, **_: Any) -> None:
    if user is not None:
        _record("accounts.signed_out", user)
        access_changed(user.pk)


def sign_in_failed(sender: Any, credentials: dict[str, Any], **_: Any) -> None:
    # The address that was tried may be anybody's: it is a label, which can be erased.
    tried = str(credentials.get("email") or credentials.get("username") or "")[:254]
    with transaction.atomic():
        target = uuid.uuid4()
        record(
            "accounts.sign_in_failed",
            actor_id=None,
            target=("attempt", target),
            labels={target: tried} if tried else None,
        )


def credentials_changed(action: str) -> Any:
    def changed(sender: Any, user: User, **_: Any) -> None:
        _record(action, user)
        access_changed(user.pk)

    return changed


def session_ended(sender: Any, instance: UserSession, **_: Any) -> None:
    access_changed(instance.user_id)


CREDENTIALS = {
    password_changed: "accounts.password.changed",
    password_reset: "accounts.password.reset",
    authenticator_added: "accounts.second_factor.added",
    authenticator_removed: "accounts.second_factor.removed",
    authenticator_reset: "accounts.second_factor.reset",
}


def connect() -> None:
    """Listen to Django's and allauth's signals."""
    user_logged_in.connect(signed_in, dispatch_uid="trail.in")
    user_logged_out.connect(signed_out, dispatch_uid="trail.out")
    user_login_failed.connect(sign_in_failed, dispatch_uid="trail.failed")
    post_delete.connect(session_ended, sender=UserSession, dispatch_uid="trail.session")
    for signal, action in CREDENTIALS.items():
        signal.connect(credentials_changed(action), weak=False, dispatch_uid=f"trail.{action}")
