"""Golden cases: what a policy must decide before it may be published."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.compiled import CompiledPolicy
from moderation.errors import GateFailed
from moderation.policy import Audience, Case, Policy
from moderation.scan import scan
from moderation.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """What was found for a case, and by which rules."""

    number: int
    case: Case
    found: Verdict
    rules: tuple[str, ...]
    passed: bool


def run_cases(compiled: CompiledPolicy, policy: Policy) -> list[CaseResult]:
    """Run a policy's cases. The text is a member's who is in every group that the policy names.

    Classifier rules take no part: what a model says is no fixed truth.
    """
    everywhere = frozenset(group for rule in policy.rules for group in rule.groups)
    audience = Audience(groups=everywhere)
    return [_run(compiled, audience, number, case) for number, case in enumerate(policy.cases)]


def _run(compiled: CompiledPolicy, audience: Audience, number: int, case: Case) -> CaseResult:
    try:
        found = scan(compiled.ruleset(case.channel, audience), case.text)
    except GateFailed:
        return CaseResult(number=number, case=case, found=Verdict.BLOCK, rules=(), passed=False)
    rules = tuple(dict.fromkeys(hit.rule for hit in found.hits))
    return CaseResult(number=number, case=case, found=found.verdict, rules=rules, passed=found.verdict == case.expect)
