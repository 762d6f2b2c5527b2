"""Beginning: organizations and their first owner."""

from __future__ import annotations

import secrets

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from accounts.errors import EmailTaken, SetupDone
from accounts.models import Membership, Organization, Role, SetupLink, User
from accounts.tokens import digest
from audit.record import record


def found_organization(*, name: str, owner: User) -> Organization:
    """Create an organization with its first owner."""
    with transaction.atomic():
        organization = Organization.objects.create(name=name, slug=_free_slug(name))
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
    """Use the one-time link: create the first person and the first organization. Raises SetupDone or EmailTaken."""
    try:
        with transaction.atomic():
            link = SetupLink.objects.filter(token_digest=digest(token), used_at=None)
            if not link.update(used_at=timezone.now()) or is_set_up():
                raise SetupDone
            owner = User.objects.create_user(email, password, name=name, is_staff=operates, is_superuser=operates)
            found_organization(name=organization, owner=owner)
    except IntegrityError:
        raise EmailTaken from None
    return owner


def is_set_up() -> bool:
    """Say whether any organization has an owner."""
    return Membership.objects.filter(role=Role.OWNER).exists()


def _free_slug(name: str) -> str:
    base = slugify(name)[:40] or "team"
    slug = base
    while Organization.objects.filter(slug=slug).exists():
        slug = f"{base}-{secrets.token_hex(3)}"
    return slug
