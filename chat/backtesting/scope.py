"""Which messages a backtest reads."""

from __future__ import annotations

from django.db.models import QuerySet

from chat.models import Backtest, Message

READ = (Message.Release.RELEASED, Message.Release.HELD, Message.Release.WITHHELD)


def messages_of(backtest: Backtest) -> QuerySet[Message]:
    """Return what was said in its organization and period, by whom it is about.

    Ids are random: in their order the messages of a period come mixed, and so do the samples.
    """
    found = Message.objects.filter(
        conversation__organization_id=backtest.organization_id,
        conversation__deleted_at=None,
        conversation__is_temporary=False,
        created_at__gte=backtest.since,
        created_at__lt=backtest.until,
        release__in=READ,
    )
    whose = {"role": backtest.role, "groups__name": backtest.group}
    named = {f"conversation__owner__memberships__{name}": value for name, value in whose.items() if value}
    if named:
        found = found.filter(conversation__owner__memberships__organization_id=backtest.organization_id, **named)
    return found.select_related("conversation").order_by("id")
