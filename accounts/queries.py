"""Reads of who may enter where. Access is proved inside the query, never after it."""

from __future__ import annotations

import uuid

from allauth.account.models import EmailAddress
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


def locked(membership: Membership) -> Membership:
    """Lock the organization, so that nobody's place in it changes meanwhile, and read a membership again.

    Raises NoAccess when it opens no door any more.
    """
    # Not FOR UPDATE: that would make whoever joins at this moment wait for us, while we wait for the invitation.
    Organization.objects.select_for_update(no_key=True).get(id=membership.organization_id)
    found = active_memberships().select_related("organization", "user").filter(id=membership.id).first()
    if found is None:
        raise NoAccess
    return found


def organizations_of(user: User) -> QuerySet[Organization]:
    """Organizations that a person may enter, by name."""
    entered = active_memberships().filter(user=user).values("organization_id")
    return Organization.objects.filter(id__in=entered).order_by("name")


def email_is_taken(email: str) -> bool:
    """Say whether somebody signs in with this address, or has proved that it is theirs."""
    return (
        User.objects.filter(email__iexact=email).exists()
        or EmailAddress.objects.filter(email__iexact=email, verified=True).exists()
    )


def addresses_of(user: User) -> set[str]:
    """Return the addresses that are a person's own: the one they sign in with, and those they have proved."""
    proved = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    return {user.email.lower(), *(email.lower() for email in proved)}


def open_invitations() -> QuerySet[Invitation]:
    """Invitations that can still be used."""
    return Invitation.objects.filter(
        revoked_at=None,
        accepted_at=None,
        expires_at__gt=timezone.now(),
        organization__deactivated_at=None,
    )
