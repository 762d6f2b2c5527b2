"""A policy as a document: what rows keep as JSON and people exchange as YAML (docs/policies.md).

`parse` and `facts` are each other's opposite: parse(facts(policy)) == policy.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from moderation import limits, yaml_text
from moderation.channel import Channel
from moderation.document_facts import facts
from moderation.fields import Fields, Problems
from moderation.fold import Fold
from moderation.policy import (
    Case,
    Category,
    Classified,
    Match,
    Mode,
    Patterns,
    Policy,
    Recognized,
    Risk,
    Rule,
    Terms,
)
from moderation.recognizers import RECOGNIZERS
from moderation.verdict import Verdict

__all__ = ["digest", "facts", "from_yaml", "parse", "to_yaml"]

ROLES = {role: role for role in ("owner", "admin", "reviewer", "member")}
CHANNELS = {channel.value: channel for channel in Channel}
FOLDS = {fold.value: fold for fold in Fold}
MODES = {mode.value: mode for mode in Mode}
VERDICTS = {verdict.word: verdict for verdict in Verdict}
ACTIONS = {word: verdict for word, verdict in VERDICTS.items() if verdict is not Verdict.ALLOW}
POLICY = ("name", "summary", "keep", "classifier", "categories", "rules", "cases", "risk")
RULE = (
    "id",
    "title",
    "category",
    "action",
    "channels",
    "match",
    "roles",
    "groups",
    "severity",
    "fails_open",
)
KINDS = {
    "terms": ("terms", "whole_words", "ignore"),
    "patterns": ("patterns", "ignore"),
    "recognizers": ("recognizers",),
    "classifier": ("classifier",),
}
STEPS = ("warn", "slow", "review", "suspend")


def parse(document: object) -> Policy:
    """Return the policy that a document says; raises PolicyInvalid with everything that is wrong.

    Whether the expressions can be compiled is for moderation.compiled to say.
    """
    problems = Problems()
    fields = Fields(document, "", problems, POLICY)
    categories = tuple(_category(*one, problems) for one in fields.items("categories", most=limits.CATEGORIES))
    rules = tuple(_rule(*one, problems) for one in fields.items("rules", most=limits.RULES))
    policy = Policy(
        name=fields.line("name", longest=limits.LONGEST_NAME, needed="Give the policy a name."),
        summary=fields.text("summary", longest=limits.LONGEST_SUMMARY).strip(),
        keep=fields.flag("keep", True),
        classifier=fields.line("classifier", longest=limits.LONGEST_NAME),
        categories=categories,
        rules=rules,
        cases=tuple(_case(*one, problems) for one in fields.items("cases", most=limits.CASES)),
        risk=_risk(fields, problems),
    )
    _check_whole(policy, fields)
    problems.raise_any()
    _check_size(policy)
    return policy


def from_yaml(text: str) -> Policy:
    """Return the policy of a YAML file; raises PolicyInvalid."""
    return parse(yaml_text.load(text))


def to_yaml(policy: Policy) -> str:
    """Return a policy as a YAML file that `from_yaml` reads back."""
    return yaml_text.dump(facts(policy))


def digest(document: object) -> str:
    """Return the SHA-256 of a document, whatever the order of its names."""
    return hashlib.sha256(_compact(document).encode()).hexdigest()


def _category(place: str, value: object, problems: Problems) -> Category:
    fields = Fields(value, place, problems, ("id", "title", "definition"))
    id = fields.id("id", "Give the category an id, such as “secrets”.")
    return Category(
        id=id,
        title=fields.line("title", longest=limits.LONGEST_TITLE) or id,
        definition=fields.text("definition", longest=limits.LONGEST_DEFINITION).strip(),
    )


def _rule(place: str, value: object, problems: Problems) -> Rule:
    fields = Fields(value, place, problems, RULE)
    id = fields.id("id", "Give the rule an id, such as “api-keys”.")
    return Rule(
        id=id,
        title=fields.line("title", longest=limits.LONGEST_TITLE) or id,
        category=fields.id("category", "Say which category the rule is about."),
        action=fields.one_of(
            "action", ACTIONS, Verdict.FLAG, needed="Say what happens: flag, redact, hold or block."
        ),
        channels=frozenset(fields.some_of("channels", CHANNELS, needed="Name at least one channel to read.") or ()),
        match=_match(fields, problems),
        roles=frozenset(fields.some_of("roles", ROLES) or ()),
        groups=frozenset(fields.lines("groups", most=limits.GROUPS, longest=limits.LONGEST_TITLE)),
        severity=fields.whole("severity", 2, least=min(limits.SEVERITIES), most=max(limits.SEVERITIES)),
        fails_open=fields.flag("fails_open", False),
    )


def _match(rule: Fields, problems: Problems) -> Match:
    found = rule.value("match")
    kinds = [kind for kind in KINDS if isinstance(found, Mapping) and kind in found]
    if len(kinds) != 1:
        rule.wrong("match", "Say what the rule looks for: one of terms, patterns, recognizers or classifier.")
        return Terms(terms=())
    fields = Fields(found, rule.at("match"), problems, KINDS[kinds[0]])
    if kinds[0] == "terms":
        return _terms(fields)
    if kinds[0] == "patterns":
        return _patterns(fields)
    if kinds[0] == "recognizers":
        return _recognized(fields)
    return _classified(fields, problems)


def _terms(fields: Fields) -> Terms:
    needed = "List at least one word or phrase."
    ignore = fields.some_of("ignore", FOLDS)
    return Terms(
        terms=fields.lines("terms", most=limits.TERMS, longest=limits.LONGEST_TERM, needed=needed),
        whole_words=fields.flag("whole_words", True),
        **({} if ignore is None else {"ignore": frozenset(ignore)}),
    )


def _patterns(fields: Fields) -> Patterns:
    needed = "List at least one expression."
    ignore = fields.some_of("ignore", FOLDS)
    return Patterns(
        patterns=fields.texts("patterns", most=limits.PATTERNS, longest=limits.LONGEST_PATTERN, needed=needed),
        **({} if ignore is None else {"ignore": frozenset(ignore)}),
    )


def _recognized(fields: Fields) -> Recognized:
    known = {name: name for name in RECOGNIZERS}
    return Recognized(names=fields.some_of("recognizers", known, needed="Name at least one recognizer.") or ())


def _classified(match: Fields, problems: Problems) -> Classified:
    value = match.value("classifier")
    fields = Fields(
        {} if value is None else value, match.at("classifier"), problems, ("threshold", "mode", "budget_ms")
    )
    default = Classified()
    threshold = fields.number("threshold", least=0, most=1)
    return Classified(
        threshold=default.threshold if threshold is None else threshold,
        mode=fields.one_of("mode", MODES, default.mode),
        budget_ms=fields.whole("budget_ms", default.budget_ms, least=100, most=30_000),
    )


def _case(place: str, value: object, problems: Problems) -> Case:
    fields = Fields(value, place, problems, ("text", "channel", "expect", "note"))
    return Case(
        text=fields.text("text", longest=limits.LONGEST_CASE, needed="Give the case a text."),
        channel=fields.one_of("channel", CHANNELS, Channel.ANSWER, needed="Say in which channel the text stands."),
        expect=fields.one_of("expect", VERDICTS, Verdict.ALLOW, needed="Say what must be decided about the text."),
        note=fields.line("note", longest=limits.LONGEST_NOTE),
    )


def _risk(policy: Fields, problems: Problems) -> Risk:
    if policy.value("risk") is None:
        return Risk()
    fields = Fields(policy.value("risk"), policy.at("risk"), problems, ("half_life_hours", *STEPS))
    half_life = fields.number("half_life_hours", least=0.1, most=8_760)
    steps = {step: fields.number(step, least=0.1, most=1_000_000) for step in STEPS}
    given = [(step, value) for step, value in steps.items() if value is not None]
    for (milder, low), (step, high) in zip(given, given[1:], strict=False):
        if high < low:
            fields.wrong(step, f"This must not be below “{milder}”, which comes before it.")
    return Risk(half_life_hours=Risk().half_life_hours if half_life is None else half_life, **steps)


def _check_whole(policy: Policy, fields: Fields) -> None:
    _check_ids(fields, "categories", [one.id for one in policy.categories])
    _check_ids(fields, "rules", [one.id for one in policy.rules])
    terms = sum(len(one.match.terms) for one in policy.rules if isinstance(one.match, Terms))
    patterns = sum(len(one.match.patterns) for one in policy.rules if isinstance(one.match, Patterns))
    if terms > limits.TERMS:
        fields.wrong("rules", f"The rules have {terms:,} terms together; at most {limits.TERMS:,} may be.")
    if patterns > limits.PATTERNS:
        fields.wrong(
            "rules", f"The rules have {patterns:,} expressions together; at most {limits.PATTERNS:,} may be."
        )
    for number, rule in enumerate(policy.rules):
        if isinstance(rule.match, Classified) and not policy.category(rule.category).definition:
            fields.wrong(
                f"rules[{number}].category",
                f"A classifier must be told what to look for: give the category “{rule.category}” a definition.",
            )


def _check_ids(fields: Fields, name: str, ids: list[str]) -> None:
    seen = {""}
    for number, id in enumerate(ids):
        if id in seen - {""}:
            fields.wrong(f"{name}[{number}].id", f"“{id}” is here twice. Give each its own id.")
        seen.add(id)


def _check_size(policy: Policy) -> None:
    problems, size = Problems(), len(_compact(facts(policy)))
    if size > limits.DOCUMENT:
        problems.add("", f"The policy has {size:,} characters in all; at most {limits.DOCUMENT:,} may be.")
    problems.raise_any()


def _compact(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
