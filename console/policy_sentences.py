"""Say in plain words what each rule of a policy does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from console.policy_words import ACTIONS, CHANNELS, KINDS, SEVERITIES, joined, kind_of, role_name
from moderation.channel import Channel
from moderation.policy import Category, Classified, Match, Patterns, Policy, Recognized, Rule, Terms
from moderation.recognizers import RECOGNIZERS
from moderation.verdict import Verdict
from moderation.windows import worst_delay

SHOWN_TERMS = 5
SHOWN_TERM = 40
TINTS = 6
ASKED = frozenset({Channel.PROMPT, Channel.ATTACHMENT})
NAMED = frozenset({Channel.TITLE})
UNREAD_TITLES = "It reads the titles that a model gives, not those that people type."
FAILS = {True: "If the check itself fails, text passes.", False: "If the check itself fails, nothing passes."}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRule:
    """A rule as people read it; `tint` is its category's colour."""

    rule: Rule
    category: Category
    tint: int
    kind: str
    looks_for: str
    where: str
    whom: str
    then: str
    waits: str
    fails: str
    severity: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCategory:
    """A category, the tint of its rules, and how many they are."""

    category: Category
    tint: int
    rules: int


def shown_rules(policy: Policy) -> list[ShownRule]:
    """Return all rules of a policy in words, the strictest first."""
    tints = _tints(policy)
    ordered = sorted(policy.rules, key=lambda rule: (-rule.action, -rule.severity, rule.title.casefold()))
    return [shown_rule(policy, rule, tints[rule.category]) for rule in ordered]


def shown_rule(policy: Policy, rule: Rule, tint: int = 0) -> ShownRule:
    """Return one rule in words."""
    return ShownRule(
        rule=rule,
        category=policy.category(rule.category),
        tint=tint,
        kind=KINDS[kind_of(rule.match)].title,
        looks_for=looks_for(rule.match, policy.category(rule.category).title),
        where=where(rule.channels),
        whom=whom(rule.roles, rule.groups),
        then=_then(rule, policy.category(rule.category).title),
        waits=" ".join(_waits(rule)),
        fails=FAILS[rule.fails_open],
        severity=SEVERITIES.get(rule.severity, str(rule.severity)),
        action=ACTIONS[rule.action].title,
    )


def shown_categories(policy: Policy) -> list[ShownCategory]:
    """Return the categories of a policy, those that only rules name too."""
    used = [rule.category for rule in policy.rules]
    return [
        ShownCategory(category=policy.category(id), tint=tint, rules=used.count(id))
        for id, tint in _tints(policy).items()
    ]


def looks_for(match: Match, category: str) -> str:
    """Say what is looked for, as it follows "Looks for"."""
    if isinstance(match, Terms):
        return _terms(match)
    if isinstance(match, Patterns):
        return _patterns(match)
    if isinstance(match, Recognized):
        return joined([title_of(name) for name in match.names], "or")
    return _classified(match, category)


def title_of(name: str) -> str:
    """Return a recognizer's title; an unknown one is its own."""
    return RECOGNIZERS[name].title if name in RECOGNIZERS else name


def where(channels: Iterable[Channel]) -> str:
    """Say where is looked, such as "prompts and answers"."""
    found = set(channels)
    if found == set(Channel):
        return "every text"
    return joined([CHANNELS[one].title.lower() for one in Channel if one in found])


def whom(roles: Iterable[str], groups: Iterable[str]) -> str:
    """Say whom a rule concerns, such as "members and the group “Research”"."""
    people = [f"{role_name(role).lower()}s" for role in sorted(roles)]
    named = [f"the group “{name}”" for name in sorted(groups)]
    return joined([*people, *named]) or "everybody"


def quoted(texts: Iterable[str]) -> list[str]:
    """Return texts in quotation marks, long ones cut."""
    return [f"“{one if len(one) <= SHOWN_TERM else one[: SHOWN_TERM - 1] + '…'}”" for one in texts]


def _tints(policy: Policy) -> dict[str, int]:
    ids = [*(one.id for one in policy.categories), *(rule.category for rule in policy.rules)]
    return {id: number % TINTS for number, id in enumerate(dict.fromkeys(ids))}


def _terms(match: Terms) -> str:
    count = len(match.terms)
    examples = quoted(match.terms[:SHOWN_TERMS])
    inside = "" if match.whole_words else ", inside other words too"
    if count <= SHOWN_TERMS:
        return f"{joined(examples, 'or')}{inside}"
    return f"one of {count:,} words and phrases ({', '.join(examples)} …){inside}"


def _patterns(match: Patterns) -> str:
    count = len(match.patterns)
    first = quoted(match.patterns[:1])
    return f"the pattern {first[0]}" if count == 1 else f"one of {count:,} patterns ({', '.join(first)} …)"


def _classified(match: Classified, category: str) -> str:
    return f"what the classifier judges to be “{category}”, from {match.threshold:.0%} on"


def _then(rule: Rule, category: str) -> str:
    return {
        Verdict.FLAG: "It passes, and is counted.",
        Verdict.REDACT: f"It is replaced by “[redacted: {category}]”.",
        Verdict.HOLD: " ".join(_held(rule.channels)),
        Verdict.BLOCK: " ".join(_ends(rule.channels)),
    }[rule.action]


def _waits(rule: Rule) -> Iterator[str]:
    if (delay := worst_delay(rule)) is not None:
        yield delay.words
        if Channel.TITLE in rule.channels:
            yield UNREAD_TITLES


def _held(channels: frozenset[Channel]) -> Iterator[str]:
    if channels & ASKED:
        yield "The prompt is not sent until a reviewer has decided."
    if channels - ASKED - NAMED:
        yield "Nothing from there on is shown until a reviewer has decided."
    if channels & NAMED:
        yield "The title is not given."


def _ends(channels: frozenset[Channel]) -> Iterator[str]:
    if channels & ASKED:
        yield "The prompt is not sent."
    if channels - ASKED - NAMED:
        yield "Nothing from there on is shown, and the answer ends."
    if channels & NAMED:
        yield "The title is not given."
