"""What stands beside the audit page: how often it happened over time, and what there is to choose from."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from audit.action_names import is_in
from audit.queries import Filter, actors, counted_since, timeline
from console.audit_areas import AREAS, BY_ID, OTHER, area_of, count_areas
from console.audit_asked import SYSTEM, Asked
from console.charts import TimeChart, over_time
from console.queries import names_of
from console.sentences import SOMEBODY, THE_SYSTEM

MOST_PEOPLE = 12
Counts = Mapping[str, Mapping[datetime, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Something to choose, and how many events it would leave."""

    id: str
    title: str
    count: int
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCounts:
    """`since` is where counting began when there are more events in the period than are counted, else None."""

    total: int
    areas: Sequence[Choice]
    actions: Sequence[Choice]
    people: Sequence[Choice]
    chart: TimeChart
    since: datetime | None = None


def audit_counts(organization_id: uuid.UUID, asked: Asked, now: datetime) -> AuditCounts:
    """Return the counts, in four statements that read a bounded number of events."""
    period = asked.filter(organization_id, now)
    since = counted_since(period)
    wanted = replace(period, since=since or period.since)
    # One count serves the chart and the areas: those are counted as if none was chosen.
    counts = timeline(replace(wanted, actions=()), asked.period.step, asked.period.since(asked.end(now)))
    chosen = {action: steps for action, steps in counts.items() if _is_wanted(action, wanted)}
    by_person = actors(replace(wanted, actors=()))
    return AuditCounts(
        total=sum(sum(steps.values()) for steps in chosen.values()),
        areas=_areas(counts, asked),
        actions=_actions(chosen, asked),
        people=_people(by_person, names_of(one for one in by_person if one), asked),
        chart=_chart(chosen, asked, now),
        since=since,
    )


def _is_wanted(action: str, wanted: Filter) -> bool:
    return not wanted.actions or any(is_in(action, name) for name in wanted.actions)


def _areas(counts: Counts, asked: Asked) -> list[Choice]:
    found = count_areas((action, sum(steps.values())) for action, steps in counts.items())
    areas = [one for one in (*AREAS, OTHER) if found[one.id] or one.id == asked.area]
    return [
        Choice(id=one.id, title=one.title, count=found[one.id], is_chosen=one.id == asked.area and not asked.action)
        for one in areas
    ]


def _actions(chosen: Counts, asked: Asked) -> list[Choice]:
    """Return the actions of the chosen area."""
    if not asked.area and not asked.action:
        return []
    ranked = sorted(((sum(steps.values()), action) for action, steps in chosen.items()), reverse=True)
    return [
        Choice(id=action, title=action_title(action), count=count, is_chosen=action == asked.action)
        for count, action in ranked
    ]


def action_title(action: str) -> str:
    """Return a short name of an action, made from its own."""
    return " ".join(action.split(".")[1:]).replace("_", " ").capitalize()


def _people(counts: Mapping[uuid.UUID | None, int], labels: Mapping[uuid.UUID, str], asked: Asked) -> list[Choice]:
    ranked = sorted(counts.items(), key=lambda one: -one[1])
    choices = [
        Choice(
            id=str(id) if id else SYSTEM,
            title=labels.get(id, SOMEBODY.capitalize()) if id else f"{THE_SYSTEM}, or nobody known",
            count=count,
            is_chosen=asked.who == (str(id) if id else SYSTEM),
        )
        for id, count in ranked
    ]
    return choices[:MOST_PEOPLE] + [one for one in choices[MOST_PEOPLE:] if one.is_chosen]


def _chart(chosen: Counts, asked: Asked, now: datetime) -> TimeChart:
    found: defaultdict[str, Counter[datetime]] = defaultdict(Counter)
    for action, steps in chosen.items():
        found[area_of(action).id].update(steps)
    titles = {**{id: one.title for id, one in BY_ID.items()}, OTHER.id: OTHER.title}
    return over_time(asked.period.steps(asked.end(now)), found, titles.__getitem__)
