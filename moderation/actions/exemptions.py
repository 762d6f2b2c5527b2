"""Exemptions: for a time, with a reason, and somebody answers for each."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.deeds import say
from accounts.models import Group, Membership, User
from audit.record import Fact
from moderation.actions.permission import administrator
from moderation.document import parse
from moderation.errors import NoSuchExemption, Refused
from moderation.models import Exemption
from moderation.queries import standing_of

LONGEST = timedelta(days=90)
SHORTEST_REASON = 10
LONGEST_REASON = 500


@transaction.atomic
def grant(
    *,
    acting: Membership,
    user_id: uuid.UUID | None = None,
    group_id: int | None = None,
    category: str = "",
    rule: str = "",
    reason: str,
    ends_at: datetime,
    starts_at: datetime | None = None,
) -> Exemption:
    """Exempt one person or one group from one category or one rule of what is enforced, until a moment.

    Raises NotAllowed, or Refused with the field that is wrong.
    """
    acting, now = administrator(acting), timezone.now()
    starts_at = now if starts_at is None else max(starts_at, now)
    _check_reason(reason)
    _check_time(starts_at, ends_at, now)
    _check_what(acting, category, rule)
    user, group = _whom(acting, user_id, group_id)
    exemption = Exemption.objects.create(
        organization_id=acting.organization_id,
        user=user,
        group=group,
        category=category,
        rule=rule,
        reason=reason.strip(),
        granted_by_id=acting.user_id,
        created_at=now,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    _say(acting, exemption, "granted")
    return exemption


@transaction.atomic
def revoke(*, acting: Membership, exemption_id: uuid.UUID) -> Exemption:
    """End an exemption before its time. Raises NotAllowed or NoSuchExemption."""
    acting = administrator(acting)
    found = Exemption.objects.filter(organization_id=acting.organization_id, id=exemption_id)
    exemption = found.select_related("user", "group").first()
    if exemption is None:
        raise NoSuchExemption
    if exemption.revoked_at is None:
        exemption.revoked_by_id, exemption.revoked_at = acting.user_id, timezone.now()
        exemption.save(update_fields=["revoked_by", "revoked_at"])
        _say(acting, exemption, "revoked")
    return exemption


def _check_reason(reason: str) -> None:
    if not SHORTEST_REASON <= len(reason.strip()) <= LONGEST_REASON:
        words = f"Say why, in {SHORTEST_REASON} to {LONGEST_REASON} characters: reviewers will read it."
        raise Refused("reason", words)


def _check_time(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if ends_at <= now:
        raise Refused("ends_at", "Choose an end in the future.")
    if ends_at <= starts_at:
        raise Refused("ends_at", "Choose an end after the beginning.")
    if ends_at - starts_at > LONGEST:
        raise Refused(
            "ends_at", f"An exemption lasts {LONGEST.days} days at most. It can be granted again after that."
        )


def _check_what(acting: Membership, category: str, rule: str) -> None:
    if bool(category) == bool(rule):
        raise Refused("category", "Choose either one category or one rule.")
    enforced = standing_of(acting.organization_id).enforced
    if enforced is None:
        raise Refused("category", "No policy is enforced, so there is nothing to be exempt from.")
    policy = parse(enforced.document)
    if category and category not in {one.category for one in policy.rules}:
        raise Refused("category", "No rule of the enforced policy is of this category.")
    if rule and rule not in {one.id for one in policy.rules}:
        raise Refused("rule", "The enforced policy has no such rule.")


def _whom(acting: Membership, user_id: uuid.UUID | None, group_id: int | None) -> tuple[User | None, Group | None]:
    if group_id is not None and user_id is None:
        group = Group.objects.filter(organization_id=acting.organization_id, id=group_id).first()
        if group is None:
            raise Refused("group", "This group does not exist any more.")
        return None, group
    if user_id is not None and group_id is None:
        user = User.objects.filter(id=user_id, memberships__organization_id=acting.organization_id).first()
        if user is None:
            raise Refused("user", "This person is no member of the organization any more.")
        return user, None
    raise Refused("user", "Choose either one person or one group.")


def _say(acting: Membership, exemption: Exemption, action: str) -> None:
    facts: dict[str, Fact] = {
        "member": str(exemption.user_id) if exemption.user_id else None,
        "group": exemption.group.name if exemption.group else None,
        "category": exemption.category,
        "rule": exemption.rule,
        "reason": exemption.reason,
        "starts_at": exemption.starts_at.isoformat(),
        "ends_at": exemption.ends_at.isoformat(),
    }
    say(acting, f"moderation.exemption.{action}", ("exemption", exemption.id), facts, about=exemption.user)
