"""An organization as a whole."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.actions.operators import must_operate
from accounts.errors import NotAllowed
from accounts.models import Membership, Organization, User
from accounts.revocation import access_changed
from audit.record import Fact, record


def rename_organization(*, acting: Membership, name: str) -> None:
    """Give the organization another name; its address stays. Raises NotAllowed."""
    if not acting.administers:
        raise NotAllowed
    with transaction.atomic():
        before = Organization.objects.select_for_update(no_key=True).get(id=acting.organization_id)
        Organization.objects.filter(id=before.id).update(name=name)
        _say(acting.user, before, "accounts.organization.renamed", before=before.name, after=name)


def deactivate_organization(*, acting: User, organization: Organization) -> None:
    """Shut an organization for everybody in it. Only operators may. Raises NotAllowed."""
    must_operate(acting)
    with transaction.atomic():
        active = Organization.objects.filter(id=organization.id, deactivated_at=None)
        if active.update(deactivated_at=timezone.now()):
            _say(acting, organization, "accounts.organization.deactivated")
            for user_id in organization.memberships.values_list("user_id", flat=True):
                transaction.on_commit(partial(access_changed, user_id))


def reactivate_organization(*, acting: User, organization: Organization) -> None:
    """Open an organization again. Only operators may. Raises NotAllowed."""
    must_operate(acting)
    with transaction.atomic():
        shut = Organization.objects.filter(id=organization.id).exclude(deactivated_at=None)
        if shut.update(deactivated_at=None):
            _say(acting, organization, "accounts.organization.reactivated")


def _say(acting: User, organization: Organization, action: str, **facts: Fact) -> None:
    record(
        action,
        actor_id=acting.id,
        organization_id=organization.id,
        target=("organization", organization.id),
        facts=facts,
        labels={acting.id: acting.email},
    )
