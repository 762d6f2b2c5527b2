"""Groups: named sets of members."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from accounts.errors import NameTaken, NoAccess, NotAllowed
from accounts.models import Group, GroupMembership, Membership
from audit.record import Fact, record


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
        Group.objects.filter(id=group.id).delete()


def add_to_group(*, acting: Membership, group: Group, member: Membership) -> None:
    """Put a member into a group. Raises NotAllowed or NoAccess."""
    _may(acting, group, member)
    with transaction.atomic():
        _, added = GroupMembership.objects.get_or_create(group=group, membership=member)
        if added:
            _say(acting, group, "accounts.group.member_added", member=member)


def remove_from_group(*, acting: Membership, group: Group, member: Membership) -> None:
    """Take a member out of a group. Raises NotAllowed or NoAccess."""
    _may(acting, group, member)
    with transaction.atomic():
        removed, _ = GroupMembership.objects.filter(group=group, membership=member).delete()
        if removed:
            _say(acting, group, "accounts.group.member_removed", member=member)


def _may(acting: Membership, group: Group | None = None, member: Membership | None = None) -> None:
    if not acting.administers:
        raise NotAllowed
    if any(one is not None and one.organization_id != acting.organization_id for one in (group, member)):
        raise NoAccess


def _say(acting: Membership, group: Group, action: str, *, member: Membership | None = None, **facts: Fact) -> None:
    labels = {acting.user_id: acting.user.email}
    if member is not None:
        labels[member.user_id] = member.user.email
        facts["member"] = str(member.user_id)
    record(
        action,
        actor_id=acting.user_id,
        organization_id=acting.organization_id,
        target=("group", group.id),
        facts={"name": group.name, **facts},
        labels=labels,
    )
