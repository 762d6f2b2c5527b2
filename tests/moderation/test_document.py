"""Documents: what is read is what was written, and everything that is wrong is told with its place."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Role
from moderation import limits
from moderation.cases import run_cases
from moderation.channel import Channel
from moderation.compiled import compile_policy
from moderation.document import (
    CHANNELS,
    FOLDS,
    KINDS,
    MODES,
    POLICY,
    ROLES,
    RULE,
    STEPS,
    VERDICTS,
    digest,
    facts,
    from_yaml,
    parse,
    to_yaml,
)
from moderation.errors import PolicyInvalid
from moderation.fold import Fold
from moderation.models import PolicyVersion
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
from tests.cast import Cast

SMALL: dict[str, Any] = {
    "name": "House rules",
    "rules": [
        {
            "id": "plums",
            "category": "fruit",
            "action": "block",
            "channels": ["answer"],
            "match": {"terms": ["plum"]},
        }
    ],
}
IDS = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,9}", fullmatch=True)
# Whatever people paste, YAML's own signs first.
LETTERS = st.one_of(
    st.sampled_from(list("-:#&*!|>%@`'\"{}[],?~ 0129.ynotruefals\u00df\u202e\u200b\U0001f600\ufeff\u0130")),
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]),
)
LINES = st.text(LETTERS, min_size=1, max_size=20).map(str.strip).filter(bool)
TEXTS = st.text(st.one_of(LETTERS, st.sampled_from("\n\t\r\x85\u2028\x01")), min_size=1, max_size=60)
TEXTS = TEXTS.filter(lambda text: bool(text.strip()))
FOLDED = st.frozensets(st.sampled_from(Fold))


def tuples(items: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(items, min_size=least, max_size=4, unique=True).map(tuple)


NUMBERS = st.floats(min_value=0.1, max_value=1_000_000)
MATCHES: st.SearchStrategy[Match] = st.one_of(
    st.builds(Terms, terms=tuples(LINES, 1), whole_words=st.booleans(), ignore=FOLDED),
    st.builds(Patterns, patterns=tuples(TEXTS, 1), ignore=FOLDED),
    st.builds(Recognized, names=tuples(st.sampled_from(sorted(RECOGNIZERS)), 1)),
    st.builds(
        Classified,
        threshold=st.floats(min_value=0, max_value=1),
        mode=st.sampled_from(Mode),
        budget_ms=st.integers(100, 30_000),
    ),
)
RULES = st.builds(
    Rule,
    id=IDS,
    title=LINES,
    category=st.just("told"),
    action=st.sampled_from([Verdict.FLAG, Verdict.REDACT, Verdict.HOLD, Verdict.BLOCK]),
    channels=st.frozensets(st.sampled_from(Channel), min_size=1),
    match=MATCHES,
    roles=st.frozensets(st.sampled_from(sorted(ROLES))),
    groups=st.frozensets(LINES, max_size=3),
    severity=st.integers(1, 4),
    fails_open=st.booleans(),
)
THRESHOLDS = st.lists(NUMBERS, min_size=4, max_size=4).map(sorted)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    warn, slow, review, suspend = draw(THRESHOLDS)
    more = st.builds(Category, id=IDS.filter(lambda id: id != "told"), title=LINES, definition=st.just(""))
    return Policy(
        name=draw(LINES),
        summary=draw(TEXTS).strip(),
        keep=draw(st.booleans()),
        classifier=draw(st.one_of(st.just(""), LINES)),
        categories=(
            Category(id="told", title=draw(LINES), definition=draw(TEXTS).strip()),
            *draw(st.lists(more, max_size=2, unique_by=lambda one: one.id)),
        ),
        rules=tuple(draw(st.lists(RULES, max_size=4, unique_by=lambda one: one.id))),
        cases=draw(
            tuples(
                st.builds(
                    Case,
                    text=TEXTS,
                    channel=st.sampled_from(Channel),
                    expect=st.sampled_from(Verdict),
                    note=st.one_of(st.just(""), LINES),
                )
            )
        ),
        risk=Risk(half_life_hours=draw(NUMBERS.filter(lambda hours: hours <= 8_760)), warn=warn, slow=slow)
        if draw(st.booleans())
        else Risk(review=review, suspend=suspend),
    )


def problems(document: object) -> dict[str, str]:
    with pytest.raises(PolicyInvalid) as told:
        parse(document)
    assert told.value.words == told.value.problems[0].words
    return {one.place: one.words for one in told.value.problems}


def changed(path: str, value: object) -> dict[str, Any]:
    """Return the small document with one value changed, or added."""
    document: Any = copy.deepcopy(SMALL)
    inner = document
    *way, last = [int(one) if one.isdigit() else one for one in path.split("/")]
    for step in way:
        inner = inner[step]
    inner[last] = value
    return dict(document)


@given(policies())
def test_what_is_written_is_read_back(wanted: Policy) -> None:
    document = facts(wanted)
    assert parse(document) == wanted
    assert parse(json.loads(json.dumps(document))) == wanted
    assert from_yaml(to_yaml(wanted)) == wanted


@given(policies())
def test_a_file_says_the_same_to_every_reader_of_yaml(wanted: Policy) -> None:
    assert parse(yaml.safe_load(to_yaml(wanted))) == wanted


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=policies())
def test_the_database_keeps_a_document_as_it_is(cast: Cast, wanted: Policy) -> None:
    document = facts(wanted)
    row = PolicyVersion.objects.create(
        organization=cast.organization,
        number=PolicyVersion.objects.filter(organization=cast.organization).count() + 1,
        name=wanted.name,
        document=document,
        digest=digest(document),
    )
    kept = PolicyVersion.objects.get(id=row.id)
    assert parse(kept.document) == wanted
    assert digest(kept.document) == kept.digest


def test_a_digest_tells_documents_apart_whatever_their_order() -> None:
    document = facts(parse(SMALL))
    assert digest(document) == digest(dict(reversed(document.items())))
    assert digest(document) != digest(facts(parse(changed("rules/0/match/terms", ["pear"]))))


def test_the_roles_are_those_of_the_accounts() -> None:
    assert set(ROLES) == {role.value for role in Role}


def test_what_is_left_out_has_its_default() -> None:
    (rule,) = parse(SMALL).rules
    assert rule.title == "plums"
    assert rule.match == Terms(terms=("plum",))
    assert (rule.severity, rule.fails_open, rule.roles, rule.groups) == (2, False, frozenset(), frozenset())
    assert parse(SMALL) == Policy(name="House rules", rules=(rule,))


def test_terms_are_trimmed_and_each_is_there_once() -> None:
    (rule,) = parse(changed("rules/0/match/terms", [" plum ", "plum", "pear"])).rules
    assert rule.match == Terms(terms=("plum", "pear"))


@pytest.mark.parametrize(
    ("path", "value", "place", "words"),
    [
        ("name", " ", "name", "Give the policy a name."),
        ("name", "x" * 121, "name", "121 characters; at most 120"),
        ("name", "a\nb", "name", "line break"),
        ("nmae", "x", "nmae", "Did you mean “name”?"),
        ("xyz", "x", "xyz", "Known are: name, summary"),
        ("keep", "yes", "keep", "true or false"),
        ("summary", "\x00", "summary", "cannot be kept"),
        ("summary", "\ud800", "summary", "cannot be kept"),
        ("rules", "plums", "rules", "must be a list"),
        ("rules/0", 3, "rules[0]", "must be a mapping of names"),
        ("rules/0/id", "Plums!", "rules[0].id", "small letters"),
        ("rules/0/action", "blok", "rules[0].action", "Did you mean “block”?"),
        ("rules/0/action", "allow", "rules[0].action", "Known are: flag, redact, hold, block."),
        ("rules/0/action", None, "rules[0].action", "flag, redact, hold or block"),
        ("rules/0/channels", [], "rules[0].channels", "at least one channel"),
        ("rules/0/channels", ["anser"], "rules[0].channels[0]", "Did you mean “answer”?"),
        ("rules/0/roles", ["boss"], "rules[0].roles[0]", "Known are: owner"),
        ("rules/0/roles", [3], "rules[0].roles[0]", "no word"),
        ("rules/0/severity", 5, "rules[0].severity", "from 1 to 4"),
        ("rules/0/severity", 1.5, "rules[0].severity", "whole number"),
        ("rules/0/severity", True, "rules[0].severity", "must be a number"),
        ("rules/0/severity", float("nan"), "rules[0].severity", "must be a number"),
        ("rules/0/match", {}, "rules[0].match", "one of terms"),
        ("rules/0/match", {"terms": ["a"], "patterns": ["b"]}, "rules[0].match", "one of terms"),
        ("rules/0/match", {"terms": []}, "rules[0].match.terms", "at least one word"),
        ("rules/0/match", {"terms": ["a", 7]}, "rules[0].match.terms[1]", "in quotes: '7'"),
        ("rules/0/match", {"terms": ["a", ""]}, "rules[0].match.terms[1]", "empty"),
        ("rules/0/match", {"terms": ["a"], "hole_words": True}, "rules[0].match.hole_words", "“whole_words”"),
        ("rules/0/match", {"terms": ["a"], "ignore": ["cases"]}, "rules[0].match.ignore[0]", "“case”"),
        ("rules/0/match", {"patterns": ["x" * 1001]}, "rules[0].match.patterns[0]", "at most 1,000"),
        ("rules/0/match", {"recognizers": ["e-mail"]}, "rules[0].match.recognizers[0]", "“email”"),
        ("rules/0/match", {"classifier": {"threshold": 2}}, "rules[0].match.classifier.threshold", "from 0 to 1"),
        ("rules/0/match", {"classifier": {"mode": "holt"}}, "rules[0].match.classifier.mode", "“hold”"),
        ("rules/0/match", {"classifier": {}}, "rules[0].category", "a definition"),
        ("cases", [{"text": "a"}], "cases[0].expect", "what must be decided"),
        ("cases", [{"channel": "answer", "expect": "allow"}], "cases[0].text", "Give the case a text."),
        ("categories", [{"id": "a"}, {"id": "a"}], "categories[1].id", "here twice"),
        ("risk", {"warn": 5, "suspend": 4}, "risk.suspend", "below “warn”"),
        ("risk", {"half_life_hours": 0}, "risk.half_life_hours", "from 0.1"),
        ("risk", 3, "risk", "must be a mapping"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(path: str, value: object, place: str, words: str) -> None:
    found = problems(changed(path, value))
    assert words in found[place]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    found = problems({"nam": 1, "rules": [{"id": "A", "match": {"terms": [1]}}, None], "cases": [{}]})
    assert {"nam", "name", "rules[0].id", "rules[0].match.terms[0]", "rules[0].action", "rules[1]"} <= set(found)
    assert {"cases[0].text", "cases[0].channel", "cases[0].expect"} <= set(found)


@pytest.mark.parametrize("document", [None, 3, "text", [], [{}], {3: 4}, {None: None}])
def test_what_is_no_policy_is_refused(document: object) -> None:
    assert problems(document)


def test_two_rules_of_one_id_are_told() -> None:
    twice = {**SMALL, "rules": SMALL["rules"] * 2}
    assert problems(twice) == {"rules[1].id": "“plums” is here twice. Give each its own id."}


def rules(count: int, match: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**SMALL["rules"][0], "id": f"r{number}", "match": match} for number in range(count)]


@pytest.mark.parametrize(
    ("document", "place", "words"),
    [
        ({"rules": rules(limits.RULES + 1, {"terms": ["a"]})}, "rules", "201 here; at most 200"),
        ({"cases": [{}] * (limits.CASES + 1)}, "cases", "at most 2,000"),
        (
            {"rules": rules(2, {"terms": [f"t{one}" for one in range(30_000)]})},
            "rules",
            "60,000 terms together; at most 50,000",
        ),
        (
            {"rules": rules(2, {"patterns": [f"p{one}" for one in range(300)]})},
            "rules",
            "600 expressions together; at most 500",
        ),
        (
            {"rules": rules(1, {"terms": [f"{one:x>190}" for one in range(10_000)]})},
            "",
            "characters in all; at most 1,500,000",
        ),
    ],
    ids=["rules", "cases", "terms", "patterns", "size"],
)
def test_what_is_too_much_is_told(document: dict[str, Any], place: str, words: str) -> None:
    assert words in problems({**SMALL, **document})[place]


def test_of_very_many_problems_the_first_are_listed_and_the_others_counted() -> None:
    found = problems(changed("rules/0/match/terms", [0] * 10_000))
    assert len(found) == limits.PROBLEMS + 1
    assert found[""] == f"And {10_000 - limits.PROBLEMS:,} problems more."


def test_fifty_thousand_terms_make_a_policy_and_a_file() -> None:
    wanted = parse(changed("rules/0/match/terms", [f"term number {number}" for number in range(limits.TERMS)]))
    assert from_yaml(to_yaml(wanted)) == wanted


def test_the_page_for_people_has_an_example_that_works_and_names_everything() -> None:
    page = (Path(__file__).parents[2] / "docs" / "policies.md").read_text(encoding="utf-8")
    example = page.split("```yaml")[1].split("```")[0]
    shown = from_yaml(example)
    assert all(one.passed for one in run_cases(compile_policy(shown), shown))
    named = [*POLICY, *RULE, *STEPS, *KINDS, *FOLDS, *CHANNELS, *MODES, *VERDICTS, *ROLES, *RECOGNIZERS]
    assert [name for name in named if f"`{name}`" not in page] == []
