"""A second factor that was just set up was also just shown."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.http import HttpRequest

from accounts.entry import FACTORS
from accounts.models import User
from accounts.sign_in_rules import SECOND_FACTOR


def connect() -> None:
    """Listen to allauth's signal."""
    authenticator_added.connect(shown, dispatch_uid="second_factor.shown")


def shown(sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Note in the session that its person has a second factor at hand; else they would be asked for it at once."""
    if authenticator.type in FACTORS:
        record_authentication(request, user, method=SECOND_FACTOR, type=str(authenticator.type), id=authenticator.pk)
