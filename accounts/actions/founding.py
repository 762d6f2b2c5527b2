"""Beginning: organizations and their first owner."""

from __future__ import annotations

import secrets

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import slugify

from accounts.actions.newcomers import make_person
from accounts.errors import AccountsError, SetupDone, SetupLinkUnusable
from accounts.models import Membership, Organization, Role, SetupLink, User
from accounts.tokens import digest
from audit.record import record


def found_organization(*, name: str, owner: User) -> Organization:
    """Create an organization with its first owner."""
    with transaction.atomic():
        organization = _with_free_slug(name)
        Membership.objects.create(organization=organization, user=owner, role=Role.OWNER)
        record(
            "accounts.organization.founded",
            actor_id=owner.id,
            organization_id=organization.id,
            target=("organization", organization.id),
            facts={"name": name},
            labels={owner.id: owner.email},
        )
    return organization


def set_up(*, token: str, organization: str, name: str, email: str, password: str, operates: bool) -> User:
    """Use the one-time link: create the first person and the first organization.

    Raises SetupDone, SetupLinkUnusable or EmailTaken.
    """
    with transaction.atomic():
        if not _unused_link(token).update(used_at=timezone.now()) or is_set_up():
            raise _why_not()
        # Who holds the link has proved enough.
        owner = make_person(
            email=email, password=password, verified=True, name=name, is_staff=operates, is_superuser=operates
        )
        found_organization(name=organization, owner=owner)
    return owner


def check_setup_link(token: str) -> None:
    """Raise SetupDone or SetupLinkUnusable for a set-up link that would not work."""
    if is_set_up() or not _unused_link(token).exists():
        raise _why_not()


def is_set_up() -> bool:
    """Say whether any organization has an owner."""
    return Membership.objects.filter(role=Role.OWNER).exists()


def _unused_link(token: str) -> QuerySet[SetupLink]:
    return SetupLink.objects.filter(token_digest=digest(token), used_at=None)


def _why_not() -> AccountsError:
    return SetupDone() if is_set_up() else SetupLinkUnusable()


def _with_free_slug(name: str) -> Organization:
    slug = base = slugify(name)[:40] or "team"
    while True:
        try:
            with transaction.atomic():
                return Organization.objects.create(name=name, slug=slug)
        except IntegrityError:
            slug = f"{base}-{secrets.token_hex(3)}"
