"""Show what is wrong with a policy beside the fields that it is about."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from django import forms

from console.policy_sentences import quoted
from moderation.errors import PolicyInvalid, Problem
from moderation.policy import Policy

SHOWN = 8
RULE_FIELDS: Mapping[str, str] = {
    "title": "title",
    "id": "title",
    "category": "category",
    "action": "action",
    "channels": "channels",
    "roles": "roles",
    "groups": "groups",
    "severity": "severity",
    "fails_open": "fails",
    "match": "kind",
    "match.terms": "terms",
    "match.patterns": "patterns",
    "match.recognizers": "names",
    "match.classifier": "threshold",
    "match.classifier.threshold": "threshold",
    "match.classifier.mode": "mode",
    "match.classifier.budget_ms": "budget",
}
SETTINGS_FIELDS: Mapping[str, str] = {
    "name": "name",
    "summary": "summary",
    "classifier": "classifier",
    **{f"risk.{name}": name for name in ("half_life_hours", "warn", "slow", "review", "suspend")},
}
CATEGORY_FIELDS: Mapping[str, str] = {name: name for name in ("title", "definition")}
CASE_FIELDS: Mapping[str, str] = {name: name for name in ("text", "channel", "expect", "note")}
PARTS = {"rules": "Rule", "categories": "Category", "cases": "Golden case"}
PART = re.compile(r"(rules|categories|cases)\[(\d+)\]")
INDEXED = re.compile(r"^(.*)\[(\d+)\]$")


def show_problems(
    form: forms.Form, error: PolicyInvalid, policy: Policy, place: str, fields: Mapping[str, str]
) -> None:
    """Put each problem beside its field; `place` is where the form's part stands in the policy."""
    shown: dict[str | None, list[str]] = {}
    for problem in error.problems:
        field, words = _told(form, problem, policy, place, fields)
        shown.setdefault(field, []).append(words)
    for field, told in shown.items():
        for words in told[:SHOWN]:
            form.add_error(field, words)
        if len(told) > SHOWN:
            form.add_error(field, f"And {len(told) - SHOWN:,} more like this.")


def problems_of(error: PolicyInvalid, policy: Policy | None = None) -> list[str]:
    """Return all problems as sentences that name their places."""
    return [_sentence(one, policy) for one in error.problems]


def _told(
    form: forms.Form, problem: Problem, policy: Policy, place: str, fields: Mapping[str, str]
) -> tuple[str | None, str]:
    if place and not problem.place.startswith(f"{place}."):
        return None, _sentence(problem, policy)
    rest = problem.place.removeprefix(f"{place}.") if place else problem.place
    indexed = INDEXED.match(rest)
    name = indexed[1] if indexed else rest
    field = fields.get(name)
    if field is None or field not in form.fields:
        return None, problem.words
    return field, f"{_line(form, field, int(indexed[2]))}{problem.words}" if indexed else problem.words


def _line(form: forms.Form, field: str, number: int) -> str:
    lines: Sequence[str] = form.cleaned_data.get(field) or ()
    return f"{quoted([lines[number]])[0]}: " if isinstance(lines, tuple) and number < len(lines) else ""


def _sentence(problem: Problem, policy: Policy | None) -> str:
    found = PART.match(problem.place)
    if not found:
        return f"{problem.place}: {problem.words}" if problem.place and policy is None else problem.words
    number = int(found[2])
    if policy is None:
        return f"{PARTS[found[1]]} {number + 1} ({problem.place}): {problem.words}"
    part = getattr(policy, found[1])[number]
    title = getattr(part, "title", "") or quoted([getattr(part, "text", "")])[0]
    return f"{PARTS[found[1]]} “{title.strip('“”')}”: {problem.words}"
