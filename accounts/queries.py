"""Reads of who may enter where. Access is proved inside the query, never after it."""

from __future__ import annotations

import uuid

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.errors import NoAccess, SignedOut
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


def socket_access(user_id: uuid.UUID | None, session_key: str | None, slug: str) -> Membership:
    """Return the membership behind an open socket, looked at anew.

    Raises SignedOut when the session has ended, expired, or was made before the password changed, and
    NoAccess when the membership does not open this organization any more.
    """
    if user_id is None or not session_key:
        raise SignedOut
    held = SessionStore(session_key).load()
    if held.get(SESSION_KEY) != str(user_id):
        raise SignedOut
    membership = membership_for(user_id, slug)
    if not constant_time_compare(held.get(HASH_SESSION_KEY, ""), membership.user.get_session_auth_hash()):
        raise SignedOut
    return membership
