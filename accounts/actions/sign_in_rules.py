"""What an organization asks of its members' sign-in, changed by its administrators."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction

from accounts.actions.administrators import administrator
from accounts.deeds import say
from accounts.entry import has_second_factor
from accounts.errors import Invalid, Outdated
from accounts.models import Membership, Role, SignInRules
from accounts.sign_in_rules import LONGEST_HOURS
from audit.changes import changes
from audit.record import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInDraft:
    """What the rules are to be."""

    second_factor_roles: Collection[Role] = ()
    session_hours: int | None = None
    domains: Sequence[str] = ()


@transaction.atomic
def change_sign_in_rules(*, acting: Membership, version: int, draft: SignInDraft) -> SignInRules:
    """Set the rules that were read in a version. Raises NotAllowed, Outdated or Invalid."""
    acting = administrator(acting)
    rules = SignInRules.objects.filter(organization_id=acting.organization_id).first() or SignInRules(
        organization_id=acting.organization_id
    )
    if rules.version != version:
        raise Outdated
    _check(acting, draft)
    before = _facts(rules)
    _fill(rules, draft)
    changed = changes(before, _facts(rules))
    if changed["changed"]:
        rules.version += 1
        rules.save()
        say(acting, "accounts.sign_in_rules.changed", ("organization", acting.organization_id), changed)
    return rules


def _check(acting: Membership, draft: SignInDraft) -> None:
    if draft.session_hours is not None and not 1 <= draft.session_hours <= LONGEST_HOURS:
        raise Invalid("session_hours", f"Choose between 1 and {LONGEST_HOURS:,} hours, or leave it empty.")
    if acting.role in draft.second_factor_roles and not has_second_factor(acting.user):
        words = "This would shut you out: set up a second factor for yourself first, at Your account, Two-factor."
        raise Invalid("second_factor_roles", words)


def _fill(rules: SignInRules, draft: SignInDraft) -> None:
    rules.second_factor_roles = [role.value for role in Role if role in draft.second_factor_roles]
    rules.session_hours = draft.session_hours
    rules.domains = list(draft.domains)


def _facts(rules: SignInRules) -> dict[str, Fact]:
    return {
        "second_factor_for": ", ".join(rules.second_factor_roles),
        "session_hours": rules.session_hours,
        "domains": ", ".join(rules.domains),
    }
