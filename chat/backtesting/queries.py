"""Reads of backtests. Every one proves access inside the query."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from accounts.models import Membership, Role
from chat.errors import NotFound
from chat.models import Backtest

SEERS = (Role.OWNER, Role.ADMIN, Role.REVIEWER)


def backtests_of(membership: Membership) -> QuerySet[Backtest]:
    """Return the backtests that a member may see, newest first: counts, and places without their text."""
    if membership.role not in SEERS:
        return Backtest.objects.none()
    found = Backtest.objects.filter(organization_id=membership.organization_id)
    return found.select_related("version", "against", "requested_by").order_by("-created_at", "id")


def backtest_for(membership: Membership, backtest_id: uuid.UUID) -> Backtest:
    """Return a backtest that a member may see; raises NotFound."""
    backtest = backtests_of(membership).filter(id=backtest_id).first()
    if backtest is None:
        raise NotFound("This backtest does not exist, or you have no access to it.")
    return backtest
