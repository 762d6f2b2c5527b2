"""The operator's limits: the defaults of every organization, and those of one."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.changes import changes
from audit.record import Fact, record
from inference.actions.quotas import check_numbers, limit_facts
from inference.models import QuotaLimit
from inference.quotas.limit import LimitDraft, Subject
from inference.registry_errors import Invalid

SUBJECTS = (Subject.MEMBER, Subject.ORGANIZATION)
"""An operator knows organizations; their groups and people are their administrators' to limit."""


@transaction.atomic
def set_operator_limit(*, acting: User, organization_id: uuid.UUID | None, draft: LimitDraft) -> QuotaLimit:
    """Set one of the operator's limits, in place of the one there was. Raises Invalid.

    Without an organization it is every organization's default.
    """
    if draft.subject not in SUBJECTS:
        raise Invalid("subject", "Choose each member, or the whole organization together.")
    check_numbers(draft)
    key = {name: getattr(draft, name) for name in ("subject", "measure", "period")} | {
        "organization_id": organization_id
    }
    now = {"soft": draft.soft, "hard": draft.hard, "updated_at": timezone.now(), "updated_by_id": acting.id}
    # Where another operator sets the same one at this moment, this one comes after it.
    limit, is_new = QuotaLimit.objects.select_for_update().get_or_create(by_operator=True, **key, defaults=now)
    if is_new:
        _say(acting, "inference.operator_quota.set", limit, limit_facts(limit))
        return limit
    before = limit_facts(limit)
    for name, value in now.items():
        setattr(limit, name, value)
    limit.save()
    if (changed := changes(before, limit_facts(limit)))["changed"]:
        kept = {name: before[name] for name in ("subject", "measure", "period")}
        _say(acting, "inference.operator_quota.changed", limit, kept | changed)
    return limit


@transaction.atomic
def remove_operator_limit(*, acting: User, limit: QuotaLimit) -> None:
    """Remove one of the operator's limits; one of an organization's own stays."""
    if limit.by_operator:
        _say(acting, "inference.operator_quota.removed", limit, limit_facts(limit))
        QuotaLimit.objects.filter(id=limit.id).delete()


def _say(acting: User, action: str, limit: QuotaLimit, facts: dict[str, Fact]) -> None:
    record(
        action,
        actor_id=acting.id,
        organization_id=limit.organization_id,
        target=("quota", limit.id),
        facts=facts,
        labels={acting.id: acting.email},
    )
