"""Who belongs, and as what. The organization's row is locked, so that the last owner stays one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.actions.invitations import revoke_all_of
from accounts.errors import LastOwner, NoAccess, NotAllowed
from accounts.models import Membership, Role
from accounts.queries import locked
from accounts.revocation import access_changed
from audit.record import Fact, record


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Who acts on whom, both read again under the organization's lock."""

    acting: Membership
    target: Membership


def change_role(*, acting: Membership, member: Membership, role: Role) -> None:
    """Give a member another role. Only owners make and unmake owners. Raises NoAccess, NotAllowed or LastOwner."""
    with transaction.atomic():
        change = _locked(acting, member)
        _may_touch(change, role)
        before = change.target.role
        if before == role:
            return
        if before == Role.OWNER:
            _keep_an_owner(change.target)
        Membership.objects.filter(id=change.target.id).update(role=role)
        if role not in (Role.OWNER, Role.ADMIN):
            revoke_all_of(change.target, acting=change.acting.user)
        elif before == Role.OWNER:
            revoke_all_of(change.target, acting=change.acting.user, roles=[Role.OWNER])
        _say(change, "accounts.member.role_changed", before=before, after=role)


def remove_member(*, acting: Membership, member: Membership) -> None:
    """End a membership; what the person wrote stays. Raises NoAccess, NotAllowed or LastOwner."""
    with transaction.atomic():
        change = _locked(acting, member)
        _may_touch(change)
        _end(change, "accounts.member.removed")


def leave(*, acting: Membership) -> None:
    """Leave an organization. Raises NoAccess or LastOwner."""
    with transaction.atomic():
        _end(_locked(acting, acting), "accounts.member.left")


def deactivate_member(*, acting: Membership, member: Membership) -> None:
    """Shut the door without ending the membership. Raises NoAccess, NotAllowed or LastOwner."""
    with transaction.atomic():
        change = _locked(acting, member)
        _may_touch(change)
        if change.target.role == Role.OWNER:
            _keep_an_owner(change.target)
        open_doors = Membership.objects.filter(id=change.target.id, deactivated_at=None)
        if not open_doors.update(deactivated_at=timezone.now()):
            return
        revoke_all_of(change.target, acting=change.acting.user)
        _say(change, "accounts.member.deactivated")


def reactivate_member(*, acting: Membership, member: Membership) -> None:
    """Open the door again. Raises NoAccess or NotAllowed."""
    with transaction.atomic():
        change = _locked(acting, member)
        _may_touch(change)
        shut_doors = Membership.objects.filter(id=change.target.id).exclude(deactivated_at=None)
        if shut_doors.update(deactivated_at=None):
            _say(change, "accounts.member.reactivated")


def _locked(acting: Membership, member: Membership) -> Change:
    actor = locked(acting)
    here = Membership.objects.select_related("user").filter(organization_id=actor.organization_id)
    target = here.filter(id=member.id).first()
    if target is None:
        raise NoAccess
    return Change(acting=actor, target=target)


def _may_touch(change: Change, role: Role | None = None) -> None:
    if not change.acting.administers:
        raise NotAllowed
    if Role.OWNER in (change.target.role, role) and change.acting.role != Role.OWNER:
        raise NotAllowed


def _keep_an_owner(target: Membership) -> None:
    owners = Membership.objects.filter(
        organization_id=target.organization_id, role=Role.OWNER, deactivated_at=None, user__is_active=True
    )
    if not owners.exclude(id=target.id).exists():
        raise LastOwner


def _end(change: Change, action: str) -> None:
    if change.target.role == Role.OWNER:
        _keep_an_owner(change.target)
    revoke_all_of(change.target, acting=change.acting.user)
    _say(change, action, role=change.target.role)
    Membership.objects.filter(id=change.target.id).delete()


def _say(change: Change, action: str, **facts: Fact) -> None:
    actor, target = change.acting.user, change.target.user
    record(
        action,
        actor_id=actor.id,
        organization_id=change.target.organization_id,
        target=("user", target.id),
        facts=facts,
        labels={actor.id: actor.email, target.id: target.email},
    )
    transaction.on_commit(partial(access_changed, target.id))
