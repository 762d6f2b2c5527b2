"""Who belongs, and as what. The organization's row is locked, so that the last owner stays one."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.errors import LastOwner, NoAccess, NotAllowed
from accounts.models import Membership, Organization, Role, User
from accounts.revocation import access_changed
from audit.record import Fact, record


def change_role(*, acting: Membership, member: Membership, role: Role) -> None:
    """Give a member another role. Only owners make and unmake owners. Raises NotAllowed or LastOwner."""
    with transaction.atomic():
        target = _locked(acting, member)
        _may_touch(acting, target, role)
        if target.role == Role.OWNER and role != Role.OWNER:
            _keep_an_owner(target)
        before, target.role = target.role, role
        target.save(update_fields=["role"])
        _say(acting.user, target, "accounts.member.role_changed", before=before, after=role)


def remove_member(*, acting: Membership, member: Membership) -> None:
    """End a membership; what the person wrote stays with the organization. Raises NotAllowed or LastOwner."""
    with transaction.atomic():
        target = _locked(acting, member)
        _may_touch(acting, target)
        _end(acting.user, target, "accounts.member.removed")


def leave(*, acting: Membership) -> None:
    """Leave an organization. Raises LastOwner."""
    with transaction.atomic():
        target = _locked(acting, acting)
        _end(acting.user, target, "accounts.member.left")


def deactivate_member(*, acting: Membership, member: Membership) -> None:
    """Shut the door without ending the membership. Raises NotAllowed or LastOwner."""
    with transaction.atomic():
        target = _locked(acting, member)
        _may_touch(acting, target)
        if target.role == Role.OWNER:
            _keep_an_owner(target)
        target.deactivated_at = timezone.now()
        target.save(update_fields=["deactivated_at"])
        _say(acting.user, target, "accounts.member.deactivated")


def reactivate_member(*, acting: Membership, member: Membership) -> None:
    """Open the door again. Raises NotAllowed."""
    with transaction.atomic():
        target = _locked(acting, member)
        _may_touch(acting, target)
        target.deactivated_at = None
        target.save(update_fields=["deactivated_at"])
        _say(acting.user, target, "accounts.member.reactivated")


def _locked(acting: Membership, member: Membership) -> Membership:
    Organization.objects.select_for_update().get(id=acting.organization_id)
    found = (
        Membership.objects.select_related("user", "organization")
        .filter(id=member.id, organization_id=acting.organization_id)
        .first()
    )
    if found is None:
        raise NoAccess
    return found


def _may_touch(acting: Membership, target: Membership, role: Role | None = None) -> None:
    if not acting.administers:
        raise NotAllowed
    if Role.OWNER in (target.role, role) and acting.role != Role.OWNER:
        raise NotAllowed


def _keep_an_owner(target: Membership) -> None:
    others = Membership.objects.filter(
        organization_id=target.organization_id, role=Role.OWNER, deactivated_at=None, user__is_active=True
    ).exclude(id=target.id)
    if not others.exists():
        raise LastOwner


def _end(actor: User, target: Membership, action: str) -> None:
    if target.role == Role.OWNER:
        _keep_an_owner(target)
    _say(actor, target, action, role=target.role)
    target.delete()


def _say(actor: User, target: Membership, action: str, **facts: Fact) -> None:
    record(
        action,
        actor_id=actor.id,
        organization_id=target.organization_id,
        target=("user", target.user_id),
        facts=facts,
        labels={actor.id: actor.email, target.user_id: target.user.email},
    )
    transaction.on_commit(partial(access_changed, target.user_id))
