"""How a version that only watches compares with what is enforced."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import QuerySet, Sum

from accounts.models import Membership
from console.charts import Bar, BarTable, Series, TimeChart, paired, share_cell
from console.hit_charts import channel_title
from console.rule_titles import titles_of
from moderation.models import HitRecord, PolicyVersion, ShadowTally
from moderation.queries import versions_of

DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Texts on which both agreed, and on which the watching version was stricter or milder."""

    agreed: int = 0
    stricter: int = 0
    milder: int = 0

    @property
    def texts(self) -> int:
        return self.agreed + self.stricter + self.milder

    @property
    def differing(self) -> int:
        return self.stricter + self.milder

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(
            agreed=self.agreed + other.agreed,
            stricter=self.stricter + other.stricter,
            milder=self.milder + other.milder,
        )


Agreements = Mapping[str, Mapping[date, Agreement]]
"""By channel and day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowReport:
    """How often both agreed, channel by channel and day by day, and what each rule of either found."""

    total: Agreement
    chart: TimeChart
    rules: BarTable


def watched_of(membership: Membership) -> QuerySet[PolicyVersion]:
    """Return the versions that have watched, the newest first."""
    watched = ShadowTally.objects.filter(version__organization_id=membership.organization_id).values("version_id")
    return versions_of(membership.organization_id).filter(id__in=watched)


def shadow_report(version: PolicyVersion, enforced: PolicyVersion | None, today: date) -> ShadowReport:
    """Return what a version of a proved organization has seen in the last days."""
    since = today - timedelta(days=DAYS - 1)
    found = _agreements(version, since)
    days = [since + timedelta(days=number) for number in range(DAYS)]
    total = sum((one for by_day in found.values() for one in by_day.values()), Agreement())
    return ShadowReport(total=total, chart=_chart(found, days), rules=_rules(version, enforced, since))


def _agreements(version: PolicyVersion, since: date) -> Agreements:
    found: defaultdict[str, dict[date, Agreement]] = defaultdict(dict)
    rows = ShadowTally.objects.filter(version=version, day__gte=since).order_by("channel", "day")
    for row in rows:
        found[row.channel][row.day] = Agreement(agreed=row.agreed, stricter=row.stricter, milder=row.milder)
    return found


def _chart(found: Agreements, days: Sequence[date]) -> TimeChart:
    series = [_line(channel, str(ink), by_day, days) for ink, (channel, by_day) in enumerate(found.items(), 1)]
    return TimeChart(steps=[_midnight(day) for day in days], series=series, is_share=True)


def _line(channel: str, ink: str, by_day: Mapping[date, Agreement], days: Sequence[date]) -> Series:
    found = [by_day.get(day, Agreement()) for day in days]
    whole = sum(found, Agreement())
    cells = [share_cell(one.agreed, one.texts) for one in found]
    return Series(name=channel_title(channel), ink=ink, cells=cells, total=share_cell(whole.agreed, whole.texts))


def _rules(version: PolicyVersion, enforced: PolicyVersion | None, since: date) -> BarTable:
    begun = _midnight(since)
    watching = _hits(HitRecord.objects.filter(version=version, shadow=True, at__gte=begun))
    current = _hits(HitRecord.objects.filter(version=enforced, shadow=False, at__gte=begun)) if enforced else {}
    titles = titles_of(version.organization_id, version.id)
    most = max([*watching.values(), *current.values()], default=0)
    counts = {rule: (watching.get(rule, 0), current.get(rule, 0)) for rule in {*watching, *current}}
    ranked = sorted(counts.items(), key=lambda one: (-abs(one[1][0] - one[1][1]), one[0]))
    bars = [
        Bar(name=titles.rule(rule), segments=paired(pair, ("4", "others"), most), numbers=pair)
        for rule, pair in ranked
    ]
    return BarTable(first="Rule", heads=[("Watching", "4"), ("Enforced", "others")], bars=bars)


def _hits(rows: QuerySet[HitRecord]) -> dict[str, int]:
    # Two versions of one organization: its index by time narrows them down.
    found = rows.values("rule").annotate(hits=Sum("count")).order_by()
    return {row["rule"]: row["hits"] for row in found}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
