"""Say in plain words what changed from one policy to another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from console.policy_sentences import FAILS, looks_for, quoted, title_of, where, whom
from console.policy_words import ACTIONS, FOLDS, KINDS, MODES, SEVERITIES, joined, kind_of
from moderation.fold import Fold
from moderation.policy import Case, Category, Classified, Match, Patterns, Policy, Recognized, Risk, Rule, Terms

SHOWN = 10
ADDED, REMOVED, CHANGED = "added", "removed", "changed"
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happened to one thing: `kind` is added, removed or changed, and each detail is a sentence."""

    kind: str
    what: str
    details: list[str] = field(default_factory=list)


def changes(before: Policy, after: Policy) -> list[Change]:
    """Return every difference, rules first."""
    return [
        *_things(before.rules, after.rules, "Rule", lambda old, new: _rule(before, old, after, new)),
        *_things(before.categories, after.categories, "Category", _category),
        *_cases(before.cases, after.cases),
        *_settings(before, after),
    ]


def _things(
    before: Sequence[Thing], after: Sequence[Thing], word: str, details: Callable[[Thing, Thing], Iterable[str]]
) -> Iterator[Change]:
    old, new = _by_id(before), _by_id(after)
    for id, one in new.items():
        if id not in old:
            yield Change(kind=ADDED, what=f"{word} “{_title(one)}”")
        elif found := list(details(old[id], one)):
            yield Change(kind=CHANGED, what=f"{word} “{_title(one)}”", details=found)
    yield from (Change(kind=REMOVED, what=f"{word} “{_title(one)}”") for id, one in old.items() if id not in new)


def _by_id(things: Iterable[Thing]) -> Mapping[str, Thing]:
    return {str(getattr(one, "id", "")): one for one in things}


def _title(thing: object) -> str:
    return str(getattr(thing, "title", ""))


def _category(old: Category, new: Category) -> Iterator[str]:
    if old.title != new.title:
        yield f"It was called “{old.title}”."
    if old.definition != new.definition:
        yield f"Its definition is now “{new.definition}”." if new.definition else "It has no definition any more."


def _rule(before: Policy, old: Rule, after: Policy, new: Rule) -> Iterator[str]:
    yield from _match(old.match, new.match)
    for label, was, now in (
        ("Its title", old.title, new.title),
        ("Its category", before.category(old.category).title, after.category(new.category).title),
        ("It reads", where(old.channels), where(new.channels)),
        ("It holds for", whom(old.roles, old.groups), whom(new.roles, new.groups)),
        ("What happens", ACTIONS[old.action].title, ACTIONS[new.action].title),
        ("Severity", SEVERITIES.get(old.severity, old.severity), SEVERITIES.get(new.severity, new.severity)),
    ):
        if was != now:
            yield f"{label}: {now}; before, {was}."
    if old.fails_open != new.fails_open:
        yield FAILS[new.fails_open]


def _match(old: Match, new: Match) -> Iterator[str]:
    if old == new:
        return
    if isinstance(old, Terms) and isinstance(new, Terms):
        yield from _texts("Words", old.terms, new.terms)
        if old.whole_words != new.whole_words:
            yield "Only whole words now." if new.whole_words else "Inside other words too now."
        yield from _folds(old.ignore, new.ignore)
    elif isinstance(old, Patterns) and isinstance(new, Patterns):
        yield from _texts("Patterns", old.patterns, new.patterns)
        yield from _folds(old.ignore, new.ignore)
    elif isinstance(old, Recognized) and isinstance(new, Recognized):
        yield from _texts("It recognizes", [*map(title_of, old.names)], [*map(title_of, new.names)])
    elif isinstance(old, Classified) and isinstance(new, Classified):
        yield from _classified(old, new)
    else:
        yield f"It is now of the kind “{KINDS[kind_of(new)].title}”, and looks for {looks_for(new, 'its category')}."


def _texts(label: str, old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    had, has = set(old), set(new)
    for verb, found in (
        ("added", [one for one in new if one not in had]),
        ("taken out", [one for one in old if one not in has]),
    ):
        if found:
            more = f" and {len(found) - SHOWN:,} more" if len(found) > SHOWN else ""
            yield f"{label}: {len(found):,} {verb}: {', '.join(quoted(found[:SHOWN]))}{more}."


def _folds(old: frozenset[Fold], new: frozenset[Fold]) -> Iterator[str]:
    for words, found in (("Reads past now", new - old), ("Reads past no more", old - new)):
        if found:
            yield f"{words}: {joined([FOLDS[one].title.lower() for one in Fold if one in found])}."


def _classified(old: Classified, new: Classified) -> Iterator[str]:
    if old.threshold != new.threshold:
        yield f"From {new.threshold:.0%} on; before, from {old.threshold:.0%}."
    if old.mode != new.mode:
        yield f"{MODES[new.mode].title}; before, {MODES[old.mode].title.lower()}."
    if old.budget_ms != new.budget_ms:
        yield f"The classifier has {new.budget_ms / 1000:g} seconds; before, {old.budget_ms / 1000:g}."


def _cases(old: Sequence[Case], new: Sequence[Case]) -> Iterator[Change]:
    for kind, found in (
        (ADDED, [one for one in new if one not in old]),
        (REMOVED, [one for one in old if one not in new]),
    ):
        if found:
            word = "golden case" if len(found) == 1 else "golden cases"
            yield Change(kind=kind, what=f"{len(found):,} {word}", details=quoted(one.text for one in found[:SHOWN]))


def _settings(before: Policy, after: Policy) -> Iterator[Change]:
    for label, was, now in (
        ("Name", before.name, after.name),
        ("Summary", before.summary, after.summary),
        ("Model that classifies", before.classifier, after.classifier),
    ):
        if was != now:
            yield Change(kind=CHANGED, what=label, details=[f"{_or_nothing(now)}; before, {_or_nothing(was)}."])
    if before.keep != after.keep:
        words = "What is withheld is kept for review now." if after.keep else "What is withheld is not kept any more."
        yield Change(kind=CHANGED, what="Withheld text", details=[words])
    if before.risk != after.risk:
        yield Change(kind=CHANGED, what="Steps of risk", details=list(_risk(before.risk, after.risk)))


def _or_nothing(text: str) -> str:
    return f"“{text}”" if text else "nothing"


def _risk(old: Risk, new: Risk) -> Iterator[str]:
    if old.half_life_hours != new.half_life_hours:
        yield f"Scores halve in {new.half_life_hours:g} hours; before, in {old.half_life_hours:g}."
    for name, label in (("warn", "Warn"), ("slow", "Slow down"), ("review", "Review"), ("suspend", "Suspend")):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield f"{label}: {_from(now)}; before, {_from(was)}."


def _from(score: float | None) -> str:
    return "never" if score is None else f"from {score:g}"
