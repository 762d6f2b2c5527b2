"""Who asks: a signed-in person's membership, proved."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import Membership, Role, User
from accounts.queries import membership_for, membership_with_role


def person(request: HttpRequest) -> User:
    """Return the signed-in person of a view that requires one."""
    assert isinstance(request.user, User)
    return request.user


def member_of(request: HttpRequest, slug: str) -> Membership:
    """Return the asking person's membership in an organization; raises NoAccess."""
    return membership_for(request.user.pk, slug)


def with_role(request: HttpRequest, slug: str, *roles: Role) -> Membership:
    """Return the asking person's membership when its role is one of these; raises NoAccess."""
    return membership_with_role(request.user.pk, slug, *roles)
