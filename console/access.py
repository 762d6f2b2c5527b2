"""Who may open the console, proved before anything is read."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.http import with_role
from accounts.models import Membership, Role

MANAGERS = (Role.OWNER, Role.ADMIN)
READERS = (*MANAGERS, Role.REVIEWER)


def reader(request: HttpRequest, slug: str) -> Membership:
    """Return the membership of somebody who may look; raises NoAccess."""
    return with_role(request, slug, *READERS)


def manager(request: HttpRequest, slug: str) -> Membership:
    """Return the membership of somebody who may change things; raises NoAccess."""
    return with_role(request, slug, *MANAGERS)
