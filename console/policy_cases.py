"""Golden cases beside what was found when they were run last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from console.policy_edit import mark_of
from console.policy_words import CHANNELS, VERDICTS
from moderation.models import PolicyVersion
from moderation.policy import Case, Policy
from moderation.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCase:
    """`passed` is None for a case that was not run since it was changed; `mark` names it in addresses."""

    case: Case
    mark: str
    channel: str
    expected: str
    passed: bool | None = None
    found: str = ""
    rules: list[str] = field(default_factory=list)


def shown_cases(policy: Policy, version: PolicyVersion) -> list[ShownCase]:
    """Return all cases, failing ones first."""
    titles = {rule.id: rule.title for rule in policy.rules}
    report = {int(one["case"]): one for one in version.report}
    shown = [_shown(case, report.get(number), titles) for number, case in enumerate(policy.cases)]
    return sorted(shown, key=lambda one: one.passed is not False)


def _shown(case: Case, result: Mapping[str, Any] | None, titles: Mapping[str, str]) -> ShownCase:
    shown = ShownCase(
        case=case,
        mark=mark_of(case),
        channel=CHANNELS[case.channel].title,
        expected=VERDICTS[case.expect],
    )
    if result is None:
        return shown
    found = Verdict.of(result["found"])
    rules = [titles.get(id, id) for id in result["rules"]]
    return replace(shown, passed=found is case.expect, found=VERDICTS[found], rules=rules)
