"""One event in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from audit.models import Event
from console.audit_areas import area_of
from console.audit_words import kind_words
from console.fact_names import name_words, names_words
from console.queries import labels_of
from console.sentences import Line, fact_words, facts_words, line_of

BEFORE, AFTER, CHANGED = "before", "after", "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing as it was and is."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """`facts` are what stands beside the changes."""

    event: Event
    line: Line
    area: str
    target: str
    target_kind: str
    target_name: str
    changes: Sequence[Change]
    facts: Sequence[tuple[str, str]]


def event_page(event: Event) -> EventPage:
    """Return an event with names for the ids in it."""
    labels = labels_of([event])
    facts = facts_words(event, labels)
    if CHANGED in facts:
        facts[CHANGED] = names_words(event.action, facts[CHANGED])
    changes = _changes(facts)
    shown = {f"{one.name}_{side}" for one in changes for side in (BEFORE, AFTER)} | {BEFORE, AFTER}
    rest = facts if not changes else {name: value for name, value in facts.items() if name not in shown}
    return EventPage(
        event=event,
        line=line_of(event, labels),
        area=area_of(event.action).title,
        target=f"{event.target_type}:{event.target_id}" if event.target_id else "",
        target_kind=kind_words(event.target_type).capitalize(),
        target_name=fact_words(event.target_id, labels) if event.target_id else "",
        changes=[Change(name=_title(event, one.name) or "It", before=one.before, after=one.after) for one in changes],
        facts=[(_title(event, name), value) for name, value in rest.items() if value],
    )


def _changes(facts: Mapping[str, str]) -> list[Change]:
    """Pair facts that are named before and after, or `x_before` and `x_after`."""
    names = [name.removesuffix(f"_{AFTER}") for name in facts if name.endswith(f"_{AFTER}")]
    found = [
        Change(name=name, before=facts.get(f"{name}_{BEFORE}", ""), after=facts[f"{name}_{AFTER}"]) for name in names
    ]
    if BEFORE in facts and AFTER in facts:
        found.insert(0, Change(name="", before=facts[BEFORE], after=facts[AFTER]))
    return found


def _title(event: Event, name: str) -> str:
    words = name_words(event.action, name)
    return f"{words[:1].upper()}{words[1:]}"
