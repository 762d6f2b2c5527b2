"""How long an organization keeps conversations."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.deeds import say
from accounts.errors import NotAllowed
from accounts.models import Membership, Role
from accounts.queries import locked
from chat.errors import Invalid
from chat.models import RetentionRules
from chat.retention.rules import Rules, rules_in_force, rules_of

MANAGERS = (Role.OWNER, Role.ADMIN)
MOST = {
    "active_days": 36500,
    "pinned_days": 36500,
    "deleted_days": 3650,
    "temporary_hours": 720,
    "review_days": 36500,
}
LEAST = {"deleted_days": 0, "temporary_hours": 1}
NEEDED = ("deleted_days", "temporary_hours")


def set_rules(*, acting: Membership, rules: Rules) -> RetentionRules:
    """Keep conversations by other rules; shorter times hold after the grace time. Raises NotAllowed or Invalid."""
    check(rules)
    with transaction.atomic():
        membership = locked(acting)
        if membership.role not in MANAGERS:
            raise NotAllowed
        now = timezone.now()
        before = rules_of(membership.organization_id)
        held_until_now = rules_in_force(membership.organization_id, now)
        row, _ = RetentionRules.objects.update_or_create(
            organization_id=membership.organization_id,
            defaults={**rules.facts(), "before": held_until_now.facts(), "changed_at": now},
        )
        _record(membership, before, rules)
        return row


def check(rules: Rules) -> None:
    """Raises Invalid with a sentence where a time makes no sense."""
    for name, value in rules.facts().items():
        if value is None and name in NEEDED:
            raise Invalid("Say how long what was deleted, and how long temporary chats are kept.")
        least = LEAST.get(name, 1)
        if value is not None and not least <= value <= MOST[name]:
            raise Invalid(f"Choose a whole number from {least} to {MOST[name]:,}.")


def _record(acting: Membership, before: Rules, after: Rules) -> None:
    was, facts = before.facts(), after.facts()
    changed = [name for name in facts if was[name] != facts[name]]
    told = {
        "changed": ", ".join(changed) or "nothing",
        **{f"{name}_before": was[name] for name in changed},
        **{f"{name}_after": facts[name] for name in changed},
    }
    say(acting, "chat.retention.changed", ("organization", acting.organization_id), told)
