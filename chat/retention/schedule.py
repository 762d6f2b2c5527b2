"""When retention runs: every night for everything, every hour for temporary chats."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from accounts.models import Organization
from chat.jobs.actions import ask
from chat.retention.due import Kept, decided_texts, texts_to_erase, to_delete
from chat.retention.rules import GRACE, rules_in_force

NIGHT = (3, 10)
"""Hour and minute of the nightly run, in UTC."""


def ask_nightly() -> int:
    """Have everything deleted that is due, in each organization that has something; return in how many."""
    now = timezone.now()
    count = 0
    for organization in Organization.objects.all():
        rules = rules_in_force(organization.id, now)
        texts = texts_to_erase(organization.id, rules, now), decided_texts(organization.id)
        if any(found.exists() for found in (to_delete(organization.id, rules, now), *texts)):
            ask("retention", organization=organization, key=f"{organization.id}")
            count += 1
    return count


def ask_hourly() -> int:
    """Have the temporary chats deleted that are due; return in how many organizations."""
    now = timezone.now()
    count = 0
    for organization in Organization.objects.all():
        rules = rules_in_force(organization.id, now)
        if to_delete(organization.id, rules, now).filter(is_temporary=True).exists():
            only = Kept.TEMPORARY.value
            ask("retention", organization=organization, key=f"{organization.id}:{only}", facts={"only": only})
            count += 1
    return count


def night_after(moment: datetime) -> datetime:
    """Return when the first nightly run after a moment begins."""
    hour, minute = NIGHT
    tonight = moment.astimezone(UTC).replace(hour=hour, minute=minute, second=0, microsecond=0)
    return tonight if tonight >= moment else tonight + timedelta(days=1)


def first_run(changed_at: datetime) -> datetime:
    """Return when rules that were made shorter at a moment take their first effect."""
    return night_after(changed_at + GRACE)
