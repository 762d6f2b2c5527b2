"""Add a day of the ledger up, so that a year opens at once. Doing it again changes nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

from django.db import connection, transaction
from django.db.models import Max, Min

from inference.models import LedgerEntry, UsageDay, UsageGroupDay
from inference.usage_statements import BOUNDS, DAYS, FIRST_TOKEN, GROUPS, QUEUE

# The first of the two numbers of an advisory lock; the second is the day.
LOCK = 7201


@transaction.atomic
def roll_up(day: date) -> int:
    """Replace what is known of a day (UTC) by the ledger's sums; return how many rows it has."""
    begun = datetime.combine(day, time.min, UTC)
    facts: dict[str, Any] = {"day": day, "since": begun, "until": begun + timedelta(days=1), "bounds": list(BOUNDS)}
    with connection.cursor() as cursor:
        # Two at once would each delete only the old rows, and add theirs twice.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, day.toordinal()])
        UsageDay.objects.filter(day=day).delete()
        UsageGroupDay.objects.filter(day=day).delete()
        rows = 0
        for statement in (DAYS, GROUPS):
            cursor.execute(statement, facts)
            rows += cursor.rowcount
        for statement in (FIRST_TOKEN, QUEUE):
            cursor.execute(statement, facts)
        return rows


def first_day_to_roll_up(yesterday: date) -> date:
    """Return the day with which to begin, for all until yesterday to be known for good."""
    # The newest day that is known may have been added up before it was over.
    known = UsageDay.objects.filter(day__lt=yesterday).aggregate(newest=Max("day"))["newest"]
    if known is not None:
        return cast(date, known)
    begun = LedgerEntry.objects.aggregate(first=Min("settled_at"))["first"]
    return min(cast(datetime, begun).astimezone(UTC).date(), yesterday) if begun else yesterday
