"""How much of the engine an organization is given when more people wait than there are places."""

from __future__ import annotations

import uuid

from django.db import transaction

from accounts.models import User
from audit.changes import changes
from audit.record import record
from chat.errors import Invalid
from chat.models import FairShare

WEIGHT_MOST = 100
BAD_WEIGHT = f"Enter a weight from 1 to {WEIGHT_MOST}. 3 is served three times as much as 1."


@transaction.atomic
def set_weight(*, acting: User, organization_id: uuid.UUID, weight: int) -> FairShare:
    """Set an organization's weight, as an operator. Raises Invalid."""
    if not 1 <= weight <= WEIGHT_MOST:
        raise Invalid(BAD_WEIGHT)
    FairShare.objects.get_or_create(organization_id=organization_id, user=None)
    share = FairShare.objects.select_for_update().get(organization_id=organization_id, user=None)
    before, share.weight = share.weight, weight
    if before != weight:
        share.save(update_fields=["weight"])
        record(
            "chat.share.weighed",
            actor_id=acting.id,
            organization_id=organization_id,
            target=("organization", organization_id),
            facts=changes({"weight": before}, {"weight": weight}),
            labels={acting.id: acting.email},
        )
    return share


def weight_of(organization_id: uuid.UUID) -> int:
    """Return an organization's weight."""
    found = FairShare.objects.filter(organization_id=organization_id, user=None).values_list("weight", flat=True)
    return found.first() or 1
