"""Write sign-ins, sign-outs and changes of credentials into the audit record, and tell open sockets."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from allauth.account.signals import email_changed, password_changed, password_reset, password_set
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction

from accounts.models import User
from accounts.revocation import access_changed
from audit.record import record

CREDENTIALS = {
    password_changed: "accounts.password.changed",
    password_reset: "accounts.password.reset",
    password_set: "accounts.password.set",
    email_changed: "accounts.email.changed",
    authenticator_added: "accounts.second_factor.added",
    authenticator_removed: "accounts.second_factor.removed",
    authenticator_reset: "accounts.second_factor.reset",
}


def connect() -> None:
    """Listen to Django's and allauth's signals."""
    user_logged_in.connect(signed_in, dispatch_uid="trail.in")
    user_logged_out.connect(signed_out, dispatch_uid="trail.out")
    user_login_failed.connect(sign_in_failed, dispatch_uid="trail.failed")
    for signal, action in CREDENTIALS.items():
        signal.connect(credentials_changed(action), weak=False, dispatch_uid=f"trail.{action}")


def signed_in(sender: Any, user: User, **_: Any) -> None:
    """Record a sign-in."""
    _record("accounts.signed_in", user)


def signed_out(sender: Any, user: User | None, **_: Any) -> None:
    """Record a sign-out. The sockets are told by who ends the session."""
    if user is not None:
        _record("accounts.signed_out", user)


def sign_in_failed(sender: Any, credentials: dict[str, Any], **_: Any) -> None:
    """Record a failed sign-in. The address that was tried may be anybody's: it is a label, which can be erased."""
    tried = str(credentials.get("email") or credentials.get("username") or "")[:254]
    attempt = uuid.uuid4()
    with transaction.atomic():
        record(
            "accounts.sign_in_failed",
            actor_id=None,
            target=("attempt", attempt),
            labels={attempt: tried} if tried else None,
        )


def credentials_changed(action: str) -> Callable[..., None]:
    """Return a listener that records a change and makes the sockets look at their sessions again."""

    def changed(sender: Any, user: User, authenticator: Any = None, **_: Any) -> None:
        facts = {"type": str(authenticator.type)} if authenticator is not None else {}
        _record(action, user, **facts)
        access_changed(user.pk)

    return changed


def _record(action: str, user: User, **facts: str) -> None:
    with transaction.atomic():
        record(action, actor_id=user.pk, target=("user", user.pk), facts=facts, labels={user.pk: user.email})
