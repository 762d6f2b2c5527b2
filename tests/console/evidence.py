"""Rows of what a policy has found, for the pages that show it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import Membership
from moderation.models import HitRecord, PolicyVersion, ShadowTally

MANY = """
INSERT INTO moderation_hitrecord
    (organization_id, user_id, at, rule, category, verdict, severity, channel, role, groups, count,
     shadow, exempt, failed)
SELECT %(organization)s, %(user)s, now() - interval '1 day' * (%(days)s * number / %(count)s),
    'rule-' || number %% 23, 'secrets', (%(verdicts)s::text[])[1 + number * 5 %% 6], 2,
    (%(channels)s::text[])[1 + number * 3 %% 5], 'member', (%(groups)s::jsonb[])[1 + number * 7 %% 5],
    1, false, false, false
FROM generate_series(0, %(count)s - 1) AS number
"""

VERDICTS = ["flag", "flag", "redact", "redact", "hold", "block"]
CHANNELS = ["prompt", "answer", "answer", "reasoning", "tool_call"]
GROUPS = ["[]", '["Research"]', '["Research", "Support"]', '["Support"]', '["Finance"]']


def hit(member: Membership, rule: str, verdict: str = "block", **more: Any) -> HitRecord:
    """Return a hit of a member that is not stored yet."""
    facts = {"channel": "answer", "at": timezone.now(), "category": "secrets", "role": member.role, **more}
    return HitRecord(
        organization_id=member.organization_id, user_id=member.user_id, rule=rule, verdict=verdict, **facts
    )


def hits(member: Membership, *found: HitRecord) -> None:
    """Store hits."""
    HitRecord.objects.bulk_create(found, batch_size=5000)


def many_hits(member: Membership, count: int, days: int) -> None:
    """Store as many hits of a member, spread over some days, rules, channels and groups."""
    asked: dict[str, Any] = {
        "organization": member.organization_id,
        "user": member.user_id,
        "count": count,
        "days": float(days),
    }
    asked |= {"verdicts": VERDICTS, "channels": CHANNELS, "groups": GROUPS}
    with connection.cursor() as cursor:
        cursor.execute(MANY, asked)


def watched(version: PolicyVersion, days_ago: int, channel: str, agreed: int, stricter: int, milder: int) -> None:
    """Store one day's tally of a version that watches."""
    day = (timezone.now() - timedelta(days=days_ago)).date()
    counts = {"agreed": agreed, "stricter": stricter, "milder": milder}
    ShadowTally.objects.create(version=version, day=day, channel=channel, **counts)


def midday(days_ago: int) -> datetime:
    """Return a moment of an earlier day that is in no other day anywhere near."""
    return (timezone.now() - timedelta(days=days_ago)).replace(hour=12, minute=0, second=0, microsecond=0)
