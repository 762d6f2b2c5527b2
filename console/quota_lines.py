"""Limits as the console lists them, by whom they are about. No input or output here."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chat.limit_lines import Meter, meter_of
from chat.limit_words import sentence_of, title_of, whom_of
from console.quota_usage import Usage
from inference.models import QuotaLimit
from inference.quotas.limit import SHARED, Limit, Subject
from inference.quotas.measure import COUNTED, Measure
from inference.quotas.period import window_of

TITLES = {
    Subject.ORGANIZATION: "The whole organization together",
    Subject.GROUP: "A group together",
    Subject.GROUP_MEMBER: "Each member of a group",
    Subject.MEMBER: "Each member",
    Subject.PERSON: "One person",
}
OVERRULED = "Another limit holds in its place: a smaller one, or one that is nearer to whom it is about."
NOBODY = "It holds for nobody now: the group is empty, or its members have limits of their own."
Limits = Mapping[int, tuple[Limit, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaLine:
    """A limit: what it says, who set it, how far it is used, how many people it holds for."""

    limit: QuotaLimit
    title: str
    sentence: str
    source: str
    can_change: bool
    meter: Meter | None = None
    used: int = 0
    reserved: int = 0
    left: int | None = None
    resets_at: datetime | None = None
    people: str = ""
    overruled: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """For each limit on people, how many it holds for, warns and stops, and the last one of them."""

    holding: Counter[uuid.UUID]
    states: Counter[tuple[uuid.UUID, str]]
    taken: Mapping[uuid.UUID, tuple[int, int]]


def people_under(limits: Limits, usage: Usage) -> People:
    """Count whom each limit on people holds for."""
    holding, states = Counter[uuid.UUID](), Counter[tuple[uuid.UUID, str]]()
    taken: dict[uuid.UUID, tuple[int, int]] = {}
    for one in _own(limits.values()):
        used, reserved = usage.of(one.owner, one.owner_id, one.measure, one.period)
        taken[one.id] = (used, reserved)
        holding[one.id] += 1
        states[one.id, state_of(used + reserved, one.soft, one.hard)] += 1
    return People(holding=holding, states=states, taken=taken)


def sections_of(
    rows: Sequence[QuotaLimit], pools: Mapping[uuid.UUID, tuple[int, int]], people: People, now: datetime
) -> list[tuple[str, list[QuotaLine]]]:
    """Return limits as lines, by whom they are about; without what nobody has limited.

    `pools` are the counts of the limits on organization and groups that hold.
    """
    found = []
    for subject, title in TITLES.items():
        lines = [_line(row, pools, people, now) for row in rows if row.subject == subject]
        if lines:
            found.append((title, lines))
    return found


def state_of(taken: int, soft: int | None, hard: int | None) -> str:
    """Return how far along something is: ok, soft or hard."""
    if hard is not None and taken >= hard:
        return "hard"
    return "soft" if soft is not None and taken >= soft else "ok"


def _own(limits: Iterable[tuple[Limit, ...]]) -> list[Limit]:
    return [one for own in limits for one in own if one.subject not in SHARED]


def _line(row: QuotaLimit, pools: Mapping[uuid.UUID, tuple[int, int]], people: People, now: datetime) -> QuotaLine:
    whom = whom_of(row.subject, str(row.group or ""), str(row.user or ""))
    line = QuotaLine(
        limit=row,
        title=title_of(row.measure, row.period),
        sentence=sentence_of(whom, row.measure, row.period, row.soft, row.hard),
        source=_source(row),
        can_change=not row.by_operator and row.organization_id is not None,
    )
    if row.subject in SHARED:
        if row.measure not in COUNTED:
            return line
        taken = pools.get(row.id)
        return _filled(line, taken, now) if taken is not None else replace(line, overruled=OVERRULED)
    if not people.holding[row.id]:
        return replace(line, overruled=NOBODY if row.subject == Subject.GROUP_MEMBER else OVERRULED)
    if row.subject == Subject.PERSON:
        return _filled(line, people.taken[row.id], now) if row.measure in COUNTED else line
    return replace(line, people=_people(row, people))


def _filled(line: QuotaLine, taken: tuple[int, int], now: datetime) -> QuotaLine:
    row, (used, reserved) = line.limit, taken
    state = state_of(used + reserved, row.soft, row.hard)
    return replace(
        line,
        meter=meter_of(used, reserved, row.soft, row.hard, state),
        used=used,
        reserved=reserved,
        left=None if row.hard is None else max(0, row.hard - used - reserved),
        resets_at=None if row.measure == Measure.RUNNING else window_of(row.period, now)[1],
    )


def _people(row: QuotaLimit, people: People) -> str:
    held = people.holding[row.id]
    said = [f"It holds for {held:,} {'person' if held == 1 else 'people'}"]
    if row.measure not in COUNTED:
        return f"{said[0]}."
    if stopped := people.states[row.id, "hard"]:
        said.append(f"{stopped:,} {'has' if stopped == 1 else 'have'} reached it")
    if warned := people.states[row.id, "soft"]:
        said.append(f"{warned:,} {'is' if warned == 1 else 'are'} past the warning")
    return "; ".join(said) + ("." if len(said) > 1 else "; nobody is near it.")


def _source(row: QuotaLimit) -> str:
    if row.organization_id is None:
        return "Platform default"
    return "Set by the operator" if row.by_operator else ""
