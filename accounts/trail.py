"""Write sign-ins, sign-outs and changes of credentials into the audit record, and tell open sockets."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import (
    authentication_step_completed,
    email_added,
    email_changed,
    email_confirmed,
    email_removed,
    password_changed,
    password_reset,
    password_set,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.signals import social_account_added, social_account_removed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.db.models.signals import post_delete, post_save

from accounts.everywhere import record_everywhere
from accounts.models import User
from accounts.revocation import access_changed
from audit.record import Fact, record

CREDENTIALS = {
    password_changed: "accounts.password.changed",
    password_reset: "accounts.password.reset",
    password_set: "accounts.password.set",
}
EMAILS = {
    email_added: "accounts.email.added",
    email_confirmed: "accounts.email.confirmed",
    email_removed: "accounts.email.removed",
}


def connect() -> None:
    """Listen to Django's and allauth's signals."""
    user_logged_in.connect(signed_in, dispatch_uid="trail.in")
    user_logged_out.connect(signed_out, dispatch_uid="trail.out")
    user_login_failed.connect(sign_in_failed, dispatch_uid="trail.failed")
    authentication_step_completed.connect(confirmed, dispatch_uid="trail.confirmed")
    authentication_failed.connect(second_factor_failed, dispatch_uid="trail.second_factor")
    # allauth's own signals of a second factor come after its transaction has ended.
    post_save.connect(second_factor_saved, sender=Authenticator, dispatch_uid="trail.second_factor.saved")
    post_delete.connect(second_factor_removed, sender=Authenticator, dispatch_uid="trail.second_factor.removed")
    email_changed.connect(email_became_primary, dispatch_uid="trail.email")
    social_account_added.connect(single_sign_on_added, dispatch_uid="trail.single_sign_on.added")
    social_account_removed.connect(single_sign_on_removed, dispatch_uid="trail.single_sign_on.removed")
    for signal, action in CREDENTIALS.items():
        signal.connect(credentials_changed(action), weak=False, dispatch_uid=f"trail.{action}")
    for signal, action in EMAILS.items():
        signal.connect(emails_changed(action), weak=False, dispatch_uid=f"trail.{action}")


def signed_in(sender: Any, user: User, **_: Any) -> None:
    """Record a sign-in."""
    _record("accounts.signed_in", user)


def signed_out(sender: Any, user: User | None, **_: Any) -> None:
    """Record a sign-out. The sockets are told by who ends the session."""
    if user is not None:
        _record("accounts.signed_out", user)


def sign_in_failed(sender: Any, credentials: dict[str, Any], **_: Any) -> None:
    """Record a failed sign-in. Nobody acts: who tried is not known.

    The address that was tried may be anybody's: it is a label, which can be erased.
    """
    tried = str(credentials.get("email") or credentials.get("username") or "")[:254]
    known = User.objects.filter(email=tried.lower()).first() if tried else None
    attempt = uuid.uuid4()
    with transaction.atomic():
        if known is not None:
            record_everywhere("accounts.sign_in_failed", person=known, acting=None)
        else:
            labels = {attempt: tried} if tried else None
            record("accounts.sign_in_failed", actor_id=None, target=("attempt", attempt), labels=labels)


def confirmed(sender: Any, user: User, method: str, **facts: Any) -> None:
    """Record that somebody proved again who they are. The first proof is the sign-in."""
    if facts.get("reauthenticated"):
        _record("accounts.reauthenticated", user, method=str(facts.get("type", method)))


def second_factor_failed(sender: Any, user: User, authenticator: Any, **_: Any) -> None:
    """Record a wrong code."""
    with transaction.atomic():
        facts = {"type": str(authenticator.type)}
        record_everywhere("accounts.second_factor.failed", person=user, acting=None, facts=facts)


def credentials_changed(action: str) -> Callable[..., None]:
    """Return a listener that records a change and makes the sockets look at their sessions again."""

    def changed(sender: Any, user: User, **_: Any) -> None:
        _record_credentials(action, user)

    return changed


def second_factor_saved(sender: Any, instance: Authenticator, created: bool, **_: Any) -> None:
    """Record a new second factor, or new recovery codes. One that was used or renamed is saved too: it is not new."""
    if created:
        is_codes = instance.type == Authenticator.Type.RECOVERY_CODES
        action = "accounts.second_factor.reset" if is_codes else "accounts.second_factor.added"
        _record_credentials(action, instance.user, type=str(instance.type))


def second_factor_removed(sender: Any, instance: Authenticator, **_: Any) -> None:
    """Record that a second factor, or somebody's recovery codes, are no more."""
    _record_credentials("accounts.second_factor.removed", instance.user, type=str(instance.type))


def emails_changed(action: str) -> Callable[..., None]:
    """Return a listener that records what becomes of one address."""

    def changed(sender: Any, email_address: EmailAddress, **_: Any) -> None:
        _record_email(action, email_address)

    return changed


def email_became_primary(sender: Any, user: User, to_email_address: EmailAddress, **_: Any) -> None:
    """Record which address a person signs in with from now on; the sockets look at their sessions again."""
    _record_email("accounts.email.changed", to_email_address)
    _tell_sockets(user)


def single_sign_on_added(sender: Any, sociallogin: SocialLogin, **_: Any) -> None:
    """Record that an account of the provider opens this one."""
    _record("accounts.single_sign_on.added", sociallogin.user, provider=sociallogin.account.provider)


def single_sign_on_removed(sender: Any, socialaccount: SocialAccount, **_: Any) -> None:
    """Record that an account of the provider opens this one no more."""
    _record("accounts.single_sign_on.removed", socialaccount.user, provider=socialaccount.provider)


def _record(action: str, user: User, **facts: Fact) -> None:
    with transaction.atomic():
        record_everywhere(action, person=user, acting=user, facts=facts)


def _record_credentials(action: str, user: User, **facts: Fact) -> None:
    _record(action, user, **facts)
    _tell_sockets(user)


def _tell_sockets(user: User) -> None:
    # A socket that looked before the end of the transaction would still find everything as it was.
    transaction.on_commit(partial(access_changed, user.pk))


def _record_email(action: str, address: EmailAddress) -> None:
    # The address is a label: the fact that stays for ever is only its id.
    label = uuid.uuid4()
    with transaction.atomic():
        facts, labels = {"email": str(label)}, {label: address.email}
        record_everywhere(action, person=address.user, acting=address.user, facts=facts, labels=labels)
