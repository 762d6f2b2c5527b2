"""Whether a person's prompts are taken now. What their hits add up to (moderation.risk) passes with time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import Membership
from chat.errors import Paused
from chat.models import Generation
from moderation.queries import risk_of
from moderation.risk import Level

SLOW = timedelta(seconds=30)
SUSPENDED = (
    "Many of your messages met your organization’s policy lately, so no new ones are taken for now. That passes with "
    "time; an administrator can lift it at once."
)
SLOWED = (
    "Several of your messages met your organization’s policy lately, so they are taken one at a time. Wait {seconds} "
    "seconds and send it again."
)


def check_conduct(acting: Membership) -> None:
    """Raise Paused where a person's score forbids another prompt now."""
    now = timezone.now()
    _, level = risk_of(acting.organization_id, acting.user_id, now)
    if level == Level.SUSPEND:
        raise Paused(SUSPENDED)
    if level == Level.SLOW and (last := _last_asked(acting, now)) is not None:
        raise Paused(SLOWED.format(seconds=max(1, round((last + SLOW - now).total_seconds()))))


def _last_asked(acting: Membership, now: datetime) -> datetime | None:
    asked = Generation.objects.filter(
        organization_id=acting.organization_id, user_id=acting.user_id, queued_at__gt=now - SLOW
    )
    return asked.order_by("-queued_at").values_list("queued_at", flat=True).first()
