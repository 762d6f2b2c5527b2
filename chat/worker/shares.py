"""The rows of fair shares: charged by a claim, put right when an answer has ended; locked in one order always."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable

from django.db.models import F, Q

from chat.fairness import Holder, Share, Shares, correct
from chat.models import FairShare, Generation

WRITTEN = ("served", "typical", "seen_until")


def served(generation: Generation, tokens: int) -> None:
    """Put right what an answer was charged by what it used, in the caller's transaction. Uncharged: no statement."""
    if not generation.charged:
        return
    organization: Holder = (generation.organization_id, None)
    member: Holder = (generation.organization_id, generation.user_id)
    shares = held([generation.organization_id], [generation.user_id])
    if organization in shares and member in shares:
        correct(shares[organization], shares[member], charged=generation.charged, used=tokens)
        write(shares)


def held(organizations: Collection[uuid.UUID], users: Collection[uuid.UUID]) -> Shares:
    """Hold the shares of organizations, and of these people in them, until the transaction ends; return them."""
    rows = FairShare.objects.select_for_update().filter(
        Q(user=None) | Q(user__in=users), organization__in=organizations
    )
    return shares_of(rows.order_by("organization_id", F("user_id").asc(nulls_first=True)))


def shares_of(rows: Iterable[FairShare]) -> Shares:
    """Return rows as shares."""
    return {
        (row.organization_id, row.user_id): Share(
            weight=row.weight, served=row.served, typical=row.typical, seen_until=row.seen_until
        )
        for row in rows
    }


def write(shares: Shares) -> None:
    """Write the shares that have changed. The weight is the operator's: it is not written."""
    rows = [
        FairShare(
            organization_id=organization_id,
            user_id=user_id,
            served=share.served,
            typical=share.typical,
            seen_until=share.seen_until,
        )
        for (organization_id, user_id), share in shares.items()
        if share.is_changed
    ]
    FairShare.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["organization", "user"], update_fields=WRITTEN
    )
