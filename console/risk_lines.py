"""People whose score is not nothing: how high, since when, and why. Counts only, no text."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Sum
from django.db.models.functions import TruncDate

from console.charts import Segment
from console.hit_charts import verdict_title
from console.rule_titles import Titles
from moderation.models import HitRecord
from moderation.policy import Risk
from moderation.queries import Risky
from moderation.risk import Level
from moderation.verdict import Verdict

DAYS = 14
LEVELS: Mapping[Level, tuple[str, str]] = {
    Level.NONE: ("No step reached", "Nothing happens."),
    Level.WARN: ("Warned", "The person is told that several messages met the policy."),
    Level.SLOW: ("Slowed down", "Prompts are taken one at a time, with a pause between them."),
    Level.REVIEW: ("Reviewed first", "Prompts wait until a reviewer has decided about them."),
    Level.SUSPEND: ("Suspended", "No prompts are taken until the score has fallen, or is cleared here."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the enforced policy: `least` is the score from which it holds, None is never."""

    title: str
    help: str
    least: float | None


@dataclass(slots=True, kw_only=True)
class Why:
    """What somebody's hits were in the last days."""

    days: Counter[date] = field(default_factory=Counter)
    rules: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskLine:
    """One person. `days` are bars of the last days; `words` say the same."""

    person: Risky
    title: str
    days: Sequence[Segment]
    words: str
    reasons: Sequence[str]


def steps_of(risk: Risk) -> list[Step]:
    """Return the steps, the mildest first."""
    found = [(level, getattr(risk, level.value)) for level in Level if level != Level.NONE]
    return [Step(title=LEVELS[level][0], help=LEVELS[level][1], least=least) for level, least in found]


def risk_lines(organization_id: uuid.UUID, people: Sequence[Risky], titles: Titles, now: datetime) -> list[RiskLine]:
    """Return people of an organization with what they were counted for, in one query."""
    days = [now.date() - timedelta(days=back) for back in reversed(range(DAYS))]
    why = _why(organization_id, [one.row.user_id for one in people], now - timedelta(days=DAYS - 1))
    most = max((max(one.days.values(), default=0) for one in why.values()), default=0)
    return [_line(one, why[one.row.user_id], days, most, titles) for one in people]


def _why(organization_id: uuid.UUID, user_ids: Collection[uuid.UUID], since: datetime) -> dict[uuid.UUID, Why]:
    rows = HitRecord.objects.filter(organization_id=organization_id, user_id__in=user_ids, at__date__gte=since.date())
    # What adds to a score (moderation.actions.risk).
    rows = rows.filter(shadow=False, exempt=False, failed=False)
    counted = rows.annotate(day=TruncDate("at")).values("user_id", "day", "rule", "verdict")
    found: defaultdict[uuid.UUID, Why] = defaultdict(Why)
    for row in counted.annotate(hits=Sum("count")).order_by():
        found[row["user_id"]].days[row["day"]] += row["hits"]
        found[row["user_id"]].rules[row["rule"], row["verdict"]] += row["hits"]
    return found


def _line(person: Risky, why: Why, days: Sequence[date], most: int, titles: Titles) -> RiskLine:
    total = why.days.total()
    return RiskLine(
        person=person,
        title=LEVELS[person.level][0],
        days=[_bar(number, why.days[day], most) for number, day in enumerate(days)],
        words=f"{total} hit{'' if total == 1 else 's'} in {DAYS} days",
        reasons=[_reason(rule, verdict, hits, titles) for (rule, verdict), hits in _ranked(why.rules)],
    )


def _ranked(rules: Counter[tuple[str, str]]) -> list[tuple[tuple[str, str], int]]:
    return sorted(rules.items(), key=lambda one: (-Verdict.of(one[0][1]), -one[1], one[0]))


def _reason(rule: str, verdict: str, hits: int, titles: Titles) -> str:
    times = "once" if hits == 1 else f"{hits:,} times"
    return f"{titles.rule(rule)}: {verdict_title(verdict).lower()} {times}"


def _bar(number: int, hits: int, most: int) -> Segment:
    """Return a day's bar: upright, from 0 to 34 high, at least 3 where there is anything."""
    height = max(3, round(34 * hits / most)) if hits and most else 0
    return Segment(ink="block", start=number * 9.5, width=7.5, top=34 - height, height=height)
