"""The first start: the one-time link, or the first owner from the environment."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from accounts.actions.founding import found_organization, is_set_up
from accounts.actions.newcomers import make_person
from accounts.models import SetupLink, User
from accounts.tokens import digest, make_token


class FirstOwnerRefused(Exception):
    """The first owner cannot be made from the environment; the message says why."""


def setup_address() -> str | None:
    """Return a new one-time set-up link, or None when there is an owner. Earlier links stop working."""
    if is_set_up():
        return None
    token = make_token()
    with transaction.atomic():
        SetupLink.objects.filter(used_at=None).delete()
        SetupLink.objects.create(token_digest=digest(token))
    return str(settings.PUBLIC_URL) + reverse("accounts:setup", args=[token])


def ensure_owner() -> None:
    """Make the first owner that the environment names, once. Raises FirstOwnerRefused."""
    email, password = settings.FIRST_OWNER_EMAIL, settings.FIRST_OWNER_PASSWORD
    if not email or is_set_up():
        return
    if not password:
        raise FirstOwnerRefused(
            "HERMES_ADMIN_EMAIL is set without HERMES_ADMIN_PASSWORD_FILE: name a file with the password."
        )
    try:
        validate_password(password, User(email=email))
    except ValidationError as error:
        raise FirstOwnerRefused(
            f"The password of HERMES_ADMIN_PASSWORD_FILE is refused: {' '.join(error.messages)}"
        ) from None
    with transaction.atomic():
        owner = make_person(email=email, password=password, verified=True, is_staff=True, is_superuser=True)
        found_organization(name=settings.FIRST_ORGANIZATION, owner=owner)
