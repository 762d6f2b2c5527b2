"""What a classifier's scores mean for one window, by the rules that it was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from moderation.errors import GateFailed
from moderation.policy import Audience, Classified, Rule
from moderation.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule says. See moderation.hit.Hit."""

    rule: Rule
    verdict: Verdict
    exempt: bool = False
    failed: bool = False
    score: float | None = None


def findings(rules: Iterable[Rule], audience: Audience, scores: Mapping[str, float] | None) -> tuple[Finding, ...]:
    """Return what the rules find in one window; no scores stand for a classifier that failed.

    Raises GateFailed when a rule that binds has no score and does not fail open.
    """
    found = (_finding(rule, is_exempt(rule, audience), scores or {}) for rule in rules)
    return tuple(one for one in found if one is not None)


def is_exempt(rule: Rule, audience: Audience) -> bool:
    """Say whether a rule counts for this person, and does no more."""
    return rule.id in audience.exempt_rules or rule.category in audience.exempt_categories


def _finding(rule: Rule, exempt: bool, scores: Mapping[str, float]) -> Finding | None:
    assert isinstance(rule.match, Classified), "only classifier rules are judged by scores"
    score = scores.get(rule.category)
    # The comparison is false for NaN too.
    if score is None or not 0 <= score <= 1:
        if not (exempt or rule.fails_open):
            raise GateFailed
        return Finding(rule=rule, verdict=Verdict.FLAG, exempt=exempt, failed=True)
    if score < rule.match.threshold:
        return None
    return Finding(rule=rule, verdict=Verdict.FLAG if exempt else rule.action, exempt=exempt, score=score)
