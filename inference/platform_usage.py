"""What all organizations used in a period, together and each by itself, from the days that were added up."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import connection

from inference.usage_report import WHOLE, Key, Report, Sums, gathered, sums_of

OWN = "organization_id = %(organization)s AND "
EVERYBODY = WHOLE.replace(OWN, "").replace("SELECT day", "SELECT organization_id, day")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformReport:
    """`whole` counts somebody in two organizations twice; organizations are told apart by model, for the prices."""

    whole: Report
    organizations: Mapping[uuid.UUID, Mapping[Key, Sums]]


def platform_report(since: date, until: date) -> PlatformReport:
    """Return what was used from one day to another, both included."""
    with connection.cursor() as cursor:
        cursor.execute(EVERYBODY, {"since": since, "until": until})
        rows = cursor.fetchall()
    organizations: defaultdict[uuid.UUID, defaultdict[Key, Sums]] = defaultdict(lambda: defaultdict(Sums))
    for organization_id, _, model_id, model, purpose, _, _, *counts in rows:
        # Rows without a purpose are whole days, which the others add up to.
        if purpose:
            organizations[organization_id][model_id, model].add(sums_of(counts))
    return PlatformReport(whole=gathered((row[1:] for row in rows), whole_days=True), organizations=organizations)
