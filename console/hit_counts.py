"""How often rules found something, counted by the database in one pass."""

from __future__ import annotations

import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import connection

NO_GROUP = ""


class Split(StrEnum):
    """What hits are told apart by."""

    VERDICT = "verdict"
    RULE = "rule"
    GROUP = "group"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class HitCounts:
    """`by` counts hits by split and name, `over_time` by split, name and the beginning of a step."""

    total: int = 0
    people: int = 0
    exempt: int = 0
    failed: int = 0
    by: Mapping[Split, Counter[str]] = field(default_factory=dict)
    over_time: Mapping[Split, Mapping[str, Mapping[datetime, int]]] = field(default_factory=dict)


# One scan of the period's rows. A hit of somebody in two groups counts for both, which is why groups are apart.
COUNTED = """
SELECT date_bin(%(step)s::interval, at, %(since)s) AS step, verdict, rule, channel, groups::text, sum(count)
FROM moderation_hitrecord
WHERE organization_id = %(organization)s AND at >= %(since)s AND NOT shadow
GROUP BY GROUPING SETS ((step, verdict), (step, rule), (step, channel), (step, groups::text))
"""
FIGURES = """
SELECT coalesce(sum(count), 0), count(DISTINCT user_id),
    coalesce(sum(count) FILTER (WHERE exempt), 0), coalesce(sum(count) FILTER (WHERE failed), 0)
FROM moderation_hitrecord
WHERE organization_id = %(organization)s AND at >= %(since)s AND NOT shadow
"""
Row = tuple[datetime, str | None, str | None, str | None, str | None, int]


def hit_counts(organization_id: uuid.UUID, since: datetime, step: timedelta) -> HitCounts:
    """Count the hits of an organization since a time. What only watches does not count."""
    asked: Mapping[str, Any] = {"organization": organization_id, "since": since, "step": step}
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, asked)
        total, people, exempt, failed = cursor.fetchone()
        cursor.execute(COUNTED, asked)
        over_time = _folded(cursor.fetchall())
    by = {split: _totals(named) for split, named in over_time.items()}
    return HitCounts(
        total=int(total), people=people, exempt=int(exempt), failed=int(failed), by=by, over_time=over_time
    )


def _totals(named: Mapping[str, Counter[datetime]]) -> Counter[str]:
    return Counter({name: steps.total() for name, steps in named.items()})


def _folded(rows: Iterable[Row]) -> dict[Split, dict[str, Counter[datetime]]]:
    counts: dict[Split, defaultdict[str, Counter[datetime]]] = {split: defaultdict(Counter) for split in Split}
    for step, *cells, count in rows:
        split, names = _named(cells)
        for name in names:
            counts[split][name][step] += int(count)
    return {split: dict(named) for split, named in counts.items()}


def _named(cells: Sequence[str | None]) -> tuple[Split, Sequence[str]]:
    """Return what a row was grouped by: the one column that it has."""
    verdict, rule, channel, groups = cells
    for split, name in ((Split.VERDICT, verdict), (Split.RULE, rule), (Split.CHANNEL, channel)):
        if name is not None:
            return split, [name]
    return Split.GROUP, json.loads(groups or "[]") or [NO_GROUP]
