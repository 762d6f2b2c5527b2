"""A policy as JSON: every value written out, sets in the order of their enumeration."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict
from enum import StrEnum

from moderation.channel import Channel
from moderation.fold import Fold
from moderation.policy import Case, Classified, Match, Patterns, Policy, Recognized, Rule, Terms


def facts(policy: Policy) -> dict[str, object]:
    """Return the document of a policy."""
    return {
        "name": policy.name,
        "summary": policy.summary,
        "keep": policy.keep,
        "classifier": policy.classifier,
        "categories": [asdict(one) for one in policy.categories],
        "rules": [_rule(one) for one in policy.rules],
        "cases": [_case(one) for one in policy.cases],
        "risk": asdict(policy.risk),
    }


def _rule(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "title": rule.title,
        "category": rule.category,
        "action": rule.action.word,
        "channels": _in_order(Channel, rule.channels),
        "match": _match(rule.match),
        "roles": sorted(rule.roles),
        "groups": sorted(rule.groups),
        "severity": rule.severity,
        "fails_open": rule.fails_open,
    }


def _match(match: Match) -> dict[str, object]:
    if isinstance(match, Terms):
        ignore = _in_order(Fold, match.ignore)
        return {"terms": list(match.terms), "whole_words": match.whole_words, "ignore": ignore}
    if isinstance(match, Patterns):
        return {"patterns": list(match.patterns), "ignore": _in_order(Fold, match.ignore)}
    if isinstance(match, Recognized):
        return {"recognizers": list(match.names)}
    return {"classifier": _classifier(match)}


def _classifier(match: Classified) -> dict[str, object]:
    return {"threshold": match.threshold, "mode": match.mode.value, "budget_ms": match.budget_ms}


def _case(case: Case) -> dict[str, object]:
    return {"text": case.text, "channel": case.channel.value, "expect": case.expect.word, "note": case.note}


def _in_order(order: Iterable[StrEnum], chosen: Collection[StrEnum]) -> list[str]:
    return [one.value for one in order if one in chosen]
