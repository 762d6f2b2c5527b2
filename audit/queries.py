"""Read the record: what happened, filtered, counted and laid out over time. Newest first, in pages that stay fast."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Self

from django.db.models import Count, DateTimeField, DurationField, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from audit.action_names import action_names, is_in
from audit.models import Event, Label

LONGEST_WORDS = 100
MOST_COUNTED = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which events. What is empty lets everything through; an organization of None is the whole record.

    `actions` are names or what names begin with, up to a dot: `accounts.member` is all that is done to members.
    `actors` are people, and None is the system. `targets` are a type and an id; without an id all of that type.
    `since` is in, `until` is out. Each of `words` stands in an action, a label or a fact.
    """

    organization_id: uuid.UUID | None
    actions: Sequence[str] = ()
    actors: Sequence[uuid.UUID | None] = ()
    targets: Sequence[tuple[str, str]] = ()
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page of events ends, as an address carries it."""

    at: datetime
    id: uuid.UUID

    def __str__(self) -> str:
        return f"{self.at.isoformat()}_{self.id}"

    @classmethod
    def of(cls, event: Event) -> Self:
        """Return an event's place."""
        return cls(at=event.at, id=event.id)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return the place that an address carries, or None where that is none."""
        at, _, id = text.partition("_")
        try:
            place = cls(at=datetime.fromisoformat(at), id=uuid.UUID(id))
        except ValueError:
            return None
        return place if place.at.tzinfo else None


def events(wanted: Filter) -> QuerySet[Event]:
    """Return the events of a filter, newest first."""
    # The facts as they are written; only looked at where words are searched for.
    rows = Event.objects.alias(facts_text=Cast("facts", TextField()))
    return rows.filter(_condition(wanted)).order_by("-at", "-id")


def page(wanted: Filter, count: int, *, before: Place | None = None, after: Place | None = None) -> list[Event]:
    """Return up to `count` events, newest first: those next before a place, those next after one, or the newest."""
    found = _by_name(events(wanted), wanted)
    if before is not None:
        # The first condition is what an index can follow.
        earlier = Q(at__lte=before.at) & (Q(at__lt=before.at) | Q(id__lt=before.id))
        return list(found.filter(earlier)[:count])
    if after is not None:
        later = Q(at__gte=after.at) & (Q(at__gt=after.at) | Q(id__gt=after.id))
        return list(found.filter(later).order_by("at", "id")[:count])[::-1]
    return list(found[:count])


def _by_name(found: QuerySet[Event], wanted: Filter) -> QuerySet[Event]:
    """Say each name in full: an index finds what is rare by its name, and not by what the name begins with."""
    if not wanted.actions or wanted.organization_id is None:
        return found
    names = action_names(wanted.organization_id)
    return found.filter(action__in=[name for name in names if any(is_in(name, one) for one in wanted.actions)])


def counted_since(wanted: Filter) -> datetime | None:
    """Return where counting begins when the filter's period has more events than are counted, else None.

    All events of the period stand for it, whatever else is chosen: no count reads more than MOST_COUNTED.
    """
    period = Filter(organization_id=wanted.organization_id, since=wanted.since, until=wanted.until)
    newest = _unordered(period).order_by("-at").values_list("at", flat=True)
    return newest[MOST_COUNTED - 1 : MOST_COUNTED].first()


def actors(wanted: Filter) -> Mapping[uuid.UUID | None, int]:
    """Count the events of a filter by who acted; None is the system, or somebody unknown."""
    return dict(_unordered(wanted).values_list("actor_id").annotate(count=Count("*")))


def timeline(wanted: Filter, step: timedelta, origin: datetime) -> Mapping[str, Mapping[datetime, int]]:
    """Count the events of a filter by action and step; `origin` is where any step begins."""
    begins = Func(
        Value(step, output_field=DurationField()),
        "at",
        Value(origin, output_field=DateTimeField()),
        function="date_bin",
        output_field=DateTimeField(),
    )
    counted = _unordered(wanted).values_list("action", begins).annotate(count=Count("*"))
    found: defaultdict[str, dict[datetime, int]] = defaultdict(dict)
    for action, begin, count in counted:
        found[action][begin] = count
    return dict(found)


def _unordered(wanted: Filter) -> QuerySet[Event]:
    return events(wanted).order_by()


def _condition(wanted: Filter) -> Q:
    found = Q()
    if wanted.organization_id is not None:
        found &= Q(organization_id=wanted.organization_id)
    if wanted.since is not None:
        found &= Q(at__gte=wanted.since)
    if wanted.until is not None:
        found &= Q(at__lt=wanted.until)
    for choices in (_actions(wanted.actions), _actors(wanted.actors), _targets(wanted.targets)):
        found &= choices
    for word in wanted.words.replace("\x00", "")[:LONGEST_WORDS].split():
        found &= _word(word)
    return found


def _actions(names: Sequence[str]) -> Q:
    return _any(Q(action=name) | Q(action__startswith=f"{name}.") for name in names)


def _actors(ids: Sequence[uuid.UUID | None]) -> Q:
    return _any(Q(actor_id=id) if id else Q(actor_id=None) for id in ids)


def _targets(targets: Sequence[tuple[str, str]]) -> Q:
    return _any(Q(target_type=kind, target_id=id) if id else Q(target_type=kind) for kind, id in targets)


def _any(choices: Iterable[Q]) -> Q:
    return reduce(or_, choices, Q())


def _word(word: str) -> Q:
    labels = Label.objects.filter(text__icontains=word)
    ids, texts = labels.values("id"), labels.annotate(written=Cast("id", TextField())).values("written")
    named = Q(actor_id__in=ids) | Q(address_id__in=ids) | Q(target_id__in=texts)
    return named | Q(action__icontains=word) | Q(facts_text__icontains=word)
