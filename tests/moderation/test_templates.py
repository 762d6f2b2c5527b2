"""Policies to start from: each is complete, explained, and passes its own golden cases."""

from __future__ import annotations

import pytest

from moderation.cases import run_cases
from moderation.compiled import compile_policy
from moderation.document import facts, from_yaml, parse, to_yaml
from moderation.policy import Classified, Recognized, Terms
from moderation.templates import ORDER, STARTERS, TEMPLATES, Template, template_for
from moderation.verdict import Verdict

EACH = pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.id)


def test_there_is_one_for_each_kind_of_house() -> None:
    assert [one.id for one in TEMPLATES] == list(ORDER)
    assert {path.stem for path in STARTERS.iterdir()} == set(ORDER)
    assert len({one.title for one in TEMPLATES}) == len(TEMPLATES) == 5
    assert template_for("legal") is TEMPLATES[3]
    assert template_for("../legal") is None


@EACH
def test_it_passes_its_own_golden_cases(template: Template) -> None:
    results = run_cases(compile_policy(template.policy), template.policy)
    assert [(one.case.text, one.found.word) for one in results if not one.passed] == []
    assert len(results) >= 4


@EACH
def test_its_cases_show_what_passes_and_what_does_not(template: Template) -> None:
    expected = {one.expect for one in template.policy.cases}
    assert Verdict.ALLOW in expected
    assert len(expected) >= 3


@EACH
def test_it_is_explained_in_one_sentence(template: Template) -> None:
    assert 40 < len(template.sentence) < 260
    assert template.sentence.endswith(".")
    assert ". " not in template.sentence


@EACH
def test_each_rule_is_about_a_category_that_is_explained(template: Template) -> None:
    policy = template.policy
    assert {rule.category for rule in policy.rules} == {category.id for category in policy.categories}
    assert all(category.definition for category in policy.categories)


@EACH
def test_no_text_stops_because_there_is_no_model_to_judge_it(template: Template) -> None:
    asked = [rule for rule in template.policy.rules if isinstance(rule.match, Classified)]
    assert all(rule.fails_open for rule in asked)


@EACH
def test_secrets_do_not_get_out(template: Template) -> None:
    (rule,) = (one for one in template.policy.rules if one.id == "keys-and-passwords")
    assert isinstance(rule.match, Recognized)
    assert rule.action == Verdict.REDACT


@EACH
def test_lists_of_words_are_few_examples(template: Template) -> None:
    terms = [rule.match.terms for rule in template.policy.rules if isinstance(rule.match, Terms)]
    assert all(len(one) <= 8 for one in terms)


@EACH
def test_it_survives_export_and_import(template: Template) -> None:
    assert from_yaml(to_yaml(template.policy)) == template.policy == parse(facts(template.policy))
