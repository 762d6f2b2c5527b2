"""An organization's rules for reasoning and sampling."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db import transaction

from accounts.deeds import say
from accounts.models import Membership, Role
from audit.changes import changes
from audit.record import Fact
from inference.actions.permission import administrator
from inference.actions.trail import unordered
from inference.effort import Effort, lesser
from inference.models import OrganizationRules, Rules
from inference.queries import rules_of
from inference.registry_errors import Invalid
from inference.sampling import Sampling


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesDraft:
    """What an organization's rules are to be; None and "" leave it to the platform."""

    default: Effort | None = None
    ceiling: Effort | None = None
    locked: bool = False
    visibility: Rules.Visibility = Rules.Visibility.UNSET
    roles: Collection[Role] = ()
    keep_reasoning: bool | None = None
    ceilings: Sampling = field(default_factory=Sampling)


@transaction.atomic
def change_rules(*, acting: Membership, draft: RulesDraft) -> OrganizationRules:
    """Set an organization's rules. Raises NotAllowed or Invalid."""
    acting = administrator(acting)
    check_draft(draft)
    _, rules = rules_of(acting.organization_id)
    before = rule_facts(rules)
    fill(rules, draft)
    changed = changes(before, rule_facts(rules))
    if changed["changed"]:
        rules.save()
        say(acting, "inference.rules.changed", ("organization", acting.organization_id), changed)
    return rules


def check_draft(draft: RulesDraft) -> None:
    """Raise Invalid when its parts do not go together."""
    if draft.default and draft.ceiling and lesser(draft.default, draft.ceiling) is not draft.default:
        raise Invalid("reasoning_default", "This thinks more than the ceiling below allows. Lower it, or raise that.")
    if draft.locked and draft.default is None:
        raise Invalid("reasoning_locked", "Choose above what everybody is to use, then lock it.")
    if draft.visibility == Rules.Visibility.ROLES and not draft.roles:
        raise Invalid("reasoning_roles", "Choose at least one role, or “Nobody”.")


def fill(rules: Rules, draft: RulesDraft) -> None:
    """Set an organization's or the platform's rules."""
    rules.reasoning_default = draft.default or ""
    rules.reasoning_ceiling = draft.ceiling or ""
    rules.reasoning_locked = draft.locked
    rules.reasoning_visibility = draft.visibility
    by_role = draft.visibility == Rules.Visibility.ROLES
    rules.reasoning_roles = [role.value for role in Role if role in draft.roles] if by_role else []
    rules.keep_reasoning = draft.keep_reasoning
    rules.ceilings = draft.ceilings.facts()


def rule_facts(rules: Rules) -> dict[str, Fact]:
    """Return what the audit record says of rules."""
    return {
        "default": str(rules.reasoning_default),
        "ceiling": str(rules.reasoning_ceiling),
        "locked": rules.reasoning_locked,
        "seen_by": str(rules.reasoning_visibility),
        "roles": ", ".join(rules.reasoning_roles),
        "earlier_thoughts_sent": rules.keep_reasoning,
        "sampling_ceilings": unordered(rules.ceilings),
    }
