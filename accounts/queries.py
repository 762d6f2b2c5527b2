"""Reads of who may enter where. Access is proved inside the query, never after it."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet
from django.utils import timezone

from accounts.errors import NoAccess
from accounts.models import Invitation, Membership, Organization, Role, User


def active_memberships() -> QuerySet[Membership]:
    """Memberships that open doors: person, membership and organization are all active."""
    return Membership.objects.filter(deactivated_at=None, user__is_active=True, organization__deactivated_at=None)


def membership_for(user_id: uuid.UUID | None, slug: str) -> Membership:
    """Return the active membership of a person in the organization with this slug.

    Raises NoAccess, the same for a stranger and for an organization that does not exist.
    """
    if user_id is None:
        raise NoAccess
    membership = (
        active_memberships()
        .select_related("organization", "user")
        .filter(user_id=user_id, organization__slug=slug)
        .first()
    )
    if membership is None:
        raise NoAccess
    return membership


def membership_with_role(user_id: uuid.UUID | None, slug: str, *roles: Role) -> Membership:
    """Return the membership when its role is one of `roles`; else raise NoAccess."""
    membership = membership_for(user_id, slug)
    if membership.role not in roles:
        raise NoAccess
    return membership


def organizations_of(user: User) -> QuerySet[Organization]:
    """Organizations that a person may enter, by name."""
    entered = active_memberships().filter(user=user).values("organization_id")
    return Organization.objects.filter(id__in=entered).order_by("name")


def open_invitations() -> QuerySet[Invitation]:
    """Invitations that can still be used."""
    return Invitation.objects.filter(
        revoked_at=None,
        accepted_at=None,
        expires_at__gt=timezone.now(),
        organization__deactivated_at=None,
    )
