"""Making a person: the row and the address that they sign in with, both or neither."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from accounts.errors import EmailTaken
from accounts.models import User
from accounts.queries import email_is_taken


def make_person(*, email: str, password: str | None, verified: bool, **fields: Any) -> User:
    """Create a person and their address; `verified` says that it needs no further proof. Raises EmailTaken."""
    if email_is_taken(email.strip()):
        raise EmailTaken
    try:
        with transaction.atomic():
            person = User.objects.create_user(email, password, **fields)
            EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=verified)
    except IntegrityError:
        raise EmailTaken from None
    return person
