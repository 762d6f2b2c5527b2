"""Golden cases: for whom they are tried, which rules take part, and that what cannot be read has not passed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from moderation import cases
from moderation.cases import CaseResult, run_cases
from moderation.channel import Channel
from moderation.compiled import Ruleset, compile_policy
from moderation.errors import GateFailed
from moderation.policy import Classified, Policy, Rule
from moderation.scan import Scan
from moderation.verdict import Verdict
from tests.moderation.policies import case, policy, rule


def results(*rules: Rule, wanted: Policy | None = None) -> list[CaseResult]:
    tried = wanted or replace(policy(case()), rules=rules)
    return run_cases(compile_policy(tried), tried)


def test_a_case_passes_when_exactly_what_it_expects_is_decided() -> None:
    tried = policy(
        case(), case("a pear", Verdict.ALLOW), case("two plums", Verdict.BLOCK), case("plum", Verdict.HOLD)
    )
    found = results(wanted=tried)
    assert [(one.number, one.found, one.rules, one.passed) for one in found] == [
        (0, Verdict.BLOCK, ("plums",), True),
        (1, Verdict.ALLOW, (), True),
        (2, Verdict.ALLOW, (), False),
        (3, Verdict.BLOCK, ("plums",), False),
    ]
    assert [one.case for one in found] == list(tried.cases)


def test_the_strictest_rule_decides_and_all_that_matched_are_named() -> None:
    (found,) = results(rule("flags", action=Verdict.FLAG), rule("blocks"))
    assert (found.found, set(found.rules)) == (Verdict.BLOCK, {"flags", "blocks"})


def test_only_rules_of_the_channel_take_part() -> None:
    (found,) = results(replace(rule(), channels=frozenset({Channel.PROMPT})))
    assert (found.found, found.passed) == (Verdict.ALLOW, False)


@pytest.mark.parametrize(
    ("aimed", "reached"),
    [
        ({"groups": frozenset({"Pupils"})}, True),
        ({"roles": frozenset({"member"})}, True),
        ({"roles": frozenset({"owner"})}, False),
        ({"roles": frozenset({"owner"}), "groups": frozenset({"Pupils"})}, True),
    ],
)
def test_the_text_is_that_of_a_member_who_is_in_every_group(aimed: dict[str, frozenset[str]], reached: bool) -> None:
    (found,) = results(
        replace(rule(), roles=aimed.get("roles", frozenset()), groups=aimed.get("groups", frozenset()))
    )
    assert found.passed == reached


def test_classifiers_take_no_part() -> None:
    (found,) = results(replace(rule(), match=Classified()))
    assert found.found == Verdict.ALLOW


def test_a_text_that_cannot_be_read_has_not_passed_whatever_was_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(ruleset: Ruleset, text: str) -> Scan:
        raise GateFailed

    monkeypatch.setattr(cases, "scan", fail)
    assert [(one.found, one.passed) for one in results(rule())] == [(Verdict.BLOCK, False)]
