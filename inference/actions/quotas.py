"""An organization's quotas: set, removed, and whom a change would touch."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone

from accounts.deeds import say
from accounts.models import Group, Membership
from audit.changes import changes
from audit.record import Fact
from inference.actions.permission import administrator
from inference.models import QuotaLimit
from inference.quotas.affected import Affected, affected
from inference.quotas.limit import LimitDraft, Subject
from inference.quotas.measure import COUNTED, Measure, periods_of
from inference.registry_errors import Invalid, NotAllowed

MOST = 10**15
GROUPS = (Subject.GROUP, Subject.GROUP_MEMBER)
__all__ = ["Affected", "remove_limit", "set_limit", "who_would_be_affected"]


@transaction.atomic
def set_limit(*, acting: Membership, draft: LimitDraft) -> QuotaLimit:
    """Set one of the organization's own limits, in place of the one there was. Raises NotAllowed or Invalid."""
    acting = administrator(acting)
    check_numbers(draft)
    check_whose(acting.organization_id, draft)
    key = {name: getattr(draft, name) for name in ("subject", "group_id", "user_id", "measure", "period")}
    rows = QuotaLimit.objects.filter(organization_id=acting.organization_id, by_operator=False)
    limit = rows.filter(**key).first()
    before = limit_facts(limit) if limit else None
    limit = limit or QuotaLimit(organization_id=acting.organization_id, **key)
    limit.soft, limit.hard = draft.soft, draft.hard
    limit.updated_at, limit.updated_by_id = timezone.now(), acting.user_id
    limit.save()
    say_set(acting, limit, before)
    return limit


@transaction.atomic
def remove_limit(*, acting: Membership, limit_id: uuid.UUID) -> None:
    """Remove one of the organization's own limits. Raises NotAllowed."""
    acting = administrator(acting)
    limit = QuotaLimit.objects.filter(id=limit_id, organization_id=acting.organization_id).first()
    if limit is None:
        return
    if limit.by_operator:
        raise NotAllowed
    facts = limit_facts(limit)
    limit.delete()
    say(acting, "inference.quota.removed", ("quota", limit_id), facts, about=limit.user)


def who_would_be_affected(acting: Membership, draft: LimitDraft) -> list[Affected]:
    """Return the people for whom such a limit would hold, with what they have used. Raises NotAllowed or Invalid."""
    if not acting.administers:
        raise NotAllowed
    check_numbers(draft)
    check_whose(acting.organization_id, draft)
    return affected(acting.organization_id, draft, timezone.now())


def check_numbers(draft: LimitDraft) -> None:
    """Raise Invalid where the parts of a limit do not go together."""
    soft, hard = draft.soft, draft.hard
    if draft.measure not in [one.value for one in Measure]:
        raise Invalid("measure", "Choose what is to be counted.")
    if draft.period not in [one.value for one in periods_of(draft.measure)]:
        raise Invalid("period", "This is not counted over such a period. Choose another one.")
    for name, number in (("soft", soft), ("hard", hard)):
        if number is not None and not 1 <= number <= MOST:
            raise Invalid(name, f"Enter a whole number from 1 to {MOST:,}, or leave it empty.")
    if soft is None and hard is None:
        raise Invalid("hard", "Enter at least one of the two: when to warn, or when to refuse.")
    if draft.measure not in COUNTED and hard is None:
        raise Invalid("hard", "Enter the most that one request may take.")
    if draft.measure not in COUNTED and soft is not None:
        raise Invalid("soft", "There is nothing to warn of in a single request. Leave this empty.")
    if soft is not None and hard is not None and soft > hard:
        raise Invalid("soft", "The warning would come after the refusal. Lower it, or raise the other one.")


def check_whose(organization_id: uuid.UUID, draft: LimitDraft) -> None:
    """Raise Invalid unless the subject is one of this organization."""
    if draft.subject not in [one.value for one in Subject]:
        raise Invalid("subject", "Choose whom the limit is about.")
    if not _is_here(Group, draft.subject in GROUPS, organization_id, id=draft.group_id):
        raise Invalid("group", "Choose one of the groups of this organization.")
    if not _is_here(Membership, draft.subject == Subject.PERSON, organization_id, user_id=draft.user_id):
        raise Invalid("user", "Choose one of the members of this organization.")


def _is_here(
    kind: type[Group] | type[Membership], is_needed: bool, organization_id: uuid.UUID, **key: object
) -> bool:
    """Say whether what a subject needs is in this organization; one that needs nothing is to name nothing."""
    named = any(value is not None for value in key.values())
    if not is_needed or not named:
        return is_needed == named
    return kind._default_manager.filter(organization_id=organization_id, **key).exists()


def limit_facts(limit: QuotaLimit) -> dict[str, Fact]:
    """Return what the audit record says of a limit."""
    return {
        "subject": str(limit.subject),
        "group": limit.group_id,
        "group_name": limit.group.name if limit.group else None,
        "user": str(limit.user_id) if limit.user_id else None,
        "measure": str(limit.measure),
        "period": str(limit.period),
        "soft": limit.soft,
        "hard": limit.hard,
    }


def say_set(acting: Membership, limit: QuotaLimit, before: dict[str, Fact] | None) -> None:
    facts = limit_facts(limit)
    if before is None:
        say(acting, "inference.quota.set", ("quota", limit.id), facts, about=limit.user)
    elif (changed := changes(before, facts))["changed"]:
        kept = {name: facts[name] for name in ("subject", "group", "group_name", "user", "measure", "period")}
        say(acting, "inference.quota.changed", ("quota", limit.id), kept | changed, about=limit.user)
