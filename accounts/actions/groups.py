"""Groups: named sets of members."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from accounts.actions.administrators import administrator
from accounts.errors import NameTaken, NoAccess
from accounts.models import Group, GroupMembership, Membership
from audit.record import Fact, record


def create_group(*, acting: Membership, name: str) -> Group:
    """Create a group. Raises NotAllowed, NoAccess or NameTaken."""
    try:
        with transaction.atomic():
            acting = administrator(acting)
            group = Group.objects.create(organization_id=acting.organization_id, name=name)
            _say(acting, group, "accounts.group.created")
    except IntegrityError:
        raise NameTaken from None
    return group


def rename_group(*, acting: Membership, group: Group, name: str) -> None:
    """Give a group another name. Raises NotAllowed, NoAccess or NameTaken."""
    try:
        with transaction.atomic():
            acting = _proved(acting, group)
            Group.objects.filter(id=group.id).update(name=name)
            _say(acting, group, "accounts.group.renamed", before=group.name, after=name)
    except IntegrityError:
        raise NameTaken from None


def delete_group(*, acting: Membership, group: Group) -> None:
    """Delete a group; its members stay. Raises NotAllowed or NoAccess."""
    with transaction.atomic():
        acting = _proved(acting, group)
        _say(acting, group, "accounts.group.deleted")
        Group.objects.filter(id=group.id).delete()


def add_to_group(*, acting: Membership, group: Group, member: Membership) -> None:
    """Put a member into a group. Raises NotAllowed or NoAccess."""
    with transaction.atomic():
        acting = _proved(acting, group, member)
        _, added = GroupMembership.objects.get_or_create(group=group, membership=member)
        if added:
            _say(acting, group, "accounts.group.member_added", member=member)


def remove_from_group(*, acting: Membership, group: Group, member: Membership) -> None:
    """Take a member out of a group. Raises NotAllowed or NoAccess."""
    with transaction.atomic():
        acting = _proved(acting, group, member)
        removed, _ = GroupMembership.objects.filter(group=group, membership=member).delete()
        if removed:
            _say(acting, group, "accounts.group.member_removed", member=member)


def _proved(acting: Membership, group: Group, member: Membership | None = None) -> Membership:
    """Return who acts, read again; raises NotAllowed, or NoAccess where group or member are not there (any more)."""
    acting = administrator(acting)
    here = {"organization_id": acting.organization_id}
    if not Group.objects.filter(id=group.id, **here).exists():
        raise NoAccess
    if member is not None and not Membership.objects.filter(id=member.id, **here).exists():
        raise NoAccess
    return acting


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
