"""Say in plain words what an event of the audit record was."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from audit.models import Event
from console.action_sentences import SENTENCES
from console.fact_values import value_words
from console.queries import as_id
from console.sentence_words import words_of

SOMEBODY = "somebody whose name was erased"
THE_SYSTEM = "The system"
# What nobody did who is known by name.
STRANGERS = {
    "accounts.sign_in_failed": "Somebody",
    "accounts.second_factor.failed": "Somebody",
    "accounts.password.reset_asked": "Somebody",
}
Labels = Mapping[uuid.UUID, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a list of events."""

    id: uuid.UUID
    at: datetime
    who: str
    what: str
    where: str


def line_of(event: Event, labels: Labels) -> Line:
    """Return an event as a line. An action that has no sentence yet is shown by its name."""
    return Line(
        id=event.id,
        at=event.at,
        who=actor_name(event, labels),
        what=_what(event, labels),
        where=labels.get(event.address_id, "") if event.address_id else "",
    )


def actor_name(event: Event, labels: Labels) -> str:
    """Return who did it, as the subject of a sentence."""
    if event.actor_id:
        return labels.get(event.actor_id, SOMEBODY.capitalize())
    return STRANGERS.get(event.action, THE_SYSTEM)


def facts_words(event: Event, labels: Labels) -> dict[str, str]:
    """Return the facts of an event as they are shown."""
    return {name: value_words(event.action, name, fact_words(value, labels)) for name, value in event.facts.items()}


def fact_words(value: object, labels: Labels) -> str:
    """Return a value as it is shown: a person by name, yes and no, thousands apart."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name.replace('_', ' ')} {fact_words(one, labels)}" for name, one in value.items())
    text = "" if value is None else str(value)
    found = as_id(text)
    return labels.get(found, text) if found else text


def _what(event: Event, labels: Labels) -> str:
    named = partial(_named, labels)
    words: defaultdict[str, str] = defaultdict(lambda: "?")
    words.update(facts_words(event, labels))
    words["target"] = named(event.target_id)
    words["member"] = named(event.facts.get("member"))
    words.update(words_of(event.action, event.facts, named))
    return SENTENCES.get(event.action, event.action).format_map(words)


def _named(labels: Labels, value: object) -> str:
    found = as_id(str(value))
    return labels.get(found, SOMEBODY) if found else SOMEBODY
