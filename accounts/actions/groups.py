"""Groups: named sets of members."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from accounts.errors import NameTaken, NoAccess, NotAllowed
from accounts.models import Group, GroupMembership, Membership
from audit.record import record


def create_group(*, acting: Membership, name: str) -> Group:
    """Create a group. Raises NotAllowed or NameTaken."""
    _may(acting)
    try:
        with transaction.atomic():
            group = Group.objects.create(organization_id=acting.organization_id, name=name)
            _say(acting, group, "accounts.group.created")
    except IntegrityError:
        raise NameTaken from None
    return group


def rename_group(*, acting: Membership, group: Group, name: str) -> None:
    """Give a group another name. Raises NotAllowed, NoAccess or NameTaken."""
    _may(acting, group)
    try:
        with transaction.atomic():
            Group.objects.filter(id=group.id).update(name=name)
            _say(acting, group, "accounts.group.renamed", before=group.name, after=name)
    except IntegrityError:
        raise NameTaken from None


def delete_group(*, acting: Membership, group: Group) -> None:
    """Delete a group; its members stay. Raises NotAllowed or NoAccess."""
    _may(acting, group)
    with transaction.atomic():
        _say(acting, group, "accounts.group.deleted")
        group.delete()


def set_members(*, acting: Membership, group: Group, members: list[Membership]) -> None:
    """Make exactly these members the group's. Raises NotAllowed or NoAccess."""
    _may(acting, group)
    if any(member.organization_id != group.organization_id for member in members):
        raise NoAccess
    with transaction.atomic():
        GroupMembership.objects.filter(group=group).exclude(membership__in=members).delete()
        for member in members:
            GroupMembership.objects.get_or_create(group=group, membership=member)
        _say(acting, group, "accounts.group.members_set", count=len(members))


def _may(acting: Membership, group: Group | None = None) -> None:
    if not acting.administers:
        raise NotAllowed
    if group is not None and group.organization_id != acting.organization_id:
        raise NoAccess


def _say(acting: Membership, group: Group, action: str, **facts: str | int) -> None:
    record(
        action,
        actor_id=acting.user_id,
        organization_id=acting.organization_id,
        target=("group", group.id),
        facts={"name": group.name, **facts},
        labels={acting.user_id: acting.user.email},
    )
