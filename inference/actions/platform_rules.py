"""The operator's rules for reasoning and sampling, for every organization."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from audit.changes import changes
from audit.record import record
from inference.actions.rules import RulesDraft, check_draft, fill, rule_facts
from inference.models import PlatformRules


@transaction.atomic
def change_platform_rules(*, acting: User, draft: RulesDraft) -> PlatformRules:
    """Set the platform's rules. Raises Invalid."""
    check_draft(draft)
    rules = PlatformRules.objects.select_for_update().first() or PlatformRules()
    before = rule_facts(rules)
    fill(rules, draft)
    changed = changes(before, rule_facts(rules))
    rules.save()
    if changed["changed"]:
        record(
            "inference.platform_rules.changed",
            actor_id=acting.id,
            target=("platform", "rules"),
            facts=changed,
            labels={acting.id: acting.email},
        )
    return rules
