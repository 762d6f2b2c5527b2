"""Groups that a policy knows: rules find a group by its name, so one that still counts keeps it.

Whoever renames or deletes a group does it here. Changes come one after another, publishing among them.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.actions import groups
from accounts.errors import NoAccess
from accounts.models import Group, Membership
from accounts.queries import locked
from moderation.document import parse
from moderation.errors import Refused
from moderation.models import PolicyVersion
from moderation.queries import exemptions_of, standing_of


@transaction.atomic
def rename_group(*, acting: Membership, group: Group, name: str) -> None:
    """Give a group another name. Raises Refused where a policy names it, or what accounts.actions.groups does."""
    acting = locked(acting)
    group = _again(acting, group)
    if name != group.name:
        _must_be_unnamed(group)
    groups.rename_group(acting=acting, group=group, name=name)


@transaction.atomic
def delete_group(*, acting: Membership, group: Group) -> None:
    """Delete a group; its members stay. Raises Refused where a policy names it or an exemption is for it, or what
    accounts.actions.groups does.
    """
    acting = locked(acting)
    group = _again(acting, group)
    _must_be_unnamed(group)
    _must_have_no_exemption(group)
    groups.delete_group(acting=acting, group=group)


def _again(acting: Membership, group: Group) -> Group:
    found = Group.objects.filter(organization_id=acting.organization_id, id=group.id).first()
    if found is None:
        raise NoAccess
    return found


def _must_be_unnamed(group: Group) -> None:
    standing = standing_of(group.organization_id)
    for what, version in (("is enforced", standing.enforced), ("watches", standing.shadow)):
        if version is not None and (title := _rule_for(group, version)):
            raise Refused(
                "name",
                f"The rule “{title}” of version {version.number} of the policy, which {what}, is for this group, and "
                "knows it by its name. Change that first: otherwise the rule would reach nobody by it.",
            )


def _rule_for(group: Group, version: PolicyVersion) -> str:
    rules = parse(version.document).rules
    return next((rule.title for rule in rules if group.name in rule.groups), "")


def _must_have_no_exemption(group: Group) -> None:
    found = exemptions_of(group.organization_id).filter(group=group, revoked_at=None, ends_at__gt=timezone.now())
    if (one := found.first()) is not None:
        raise Refused(
            "name", f"An exemption is for this group until {one.ends_at:%-d %B %Y}. End it first, on “Exemptions”."
        )
