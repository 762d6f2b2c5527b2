"""What the policy pages say: differences, patterns and trials in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.policy_diff import changes
from console.policy_pattern import checked_patterns
from console.policy_sentences import shown_rules
from console.policy_trial import outcomes, tried
from moderation.channel import Channel
from moderation.compiled import compile_policy
from moderation.fold import Fold
from moderation.policy import (
    Audience,
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
from moderation.verdict import Verdict

RULE = Rule(
    id="one",
    title="One",
    category="first",
    action=Verdict.REDACT,
    channels=frozenset({Channel.ANSWER}),
    match=Terms(terms=("lemon",)),
)
POLICY = Policy(name="Ours", categories=(Category(id="first", title="First"),), rules=(RULE,))


def said(before: Policy, after: Policy) -> list[str]:
    return [words for one in changes(before, after) for words in (one.what, *one.details)]


def of(match: Match) -> Policy:
    return replace(POLICY, rules=(replace(RULE, match=match),))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (Terms(terms=("a", "b")), Terms(terms=("b", "c")), "Words: 1 added: “c”."),
        (Terms(terms=("a",)), Terms(terms=("a",), whole_words=False), "Inside other words too now."),
        (Terms(terms=("a",)), Terms(terms=("a",), ignore=frozenset({Fold.CASE})), "Reads past no more: full-width"),
        (Patterns(patterns=("a",)), Patterns(patterns=("b",)), "Patterns: 1 taken out: “a”."),
        (Recognized(names=("email",)), Recognized(names=("email", "iban")), "It recognizes: 1 added: “Bank"),
        (Classified(), Classified(threshold=0.8), "From 80% on; before, from 50%."),
        (Classified(), Classified(mode=Mode.FOLLOW), "Show at once, take back; before, wait for the verdict."),
        (Classified(), Classified(budget_ms=500), "The classifier has 0.5 seconds; before, 3."),
        (Terms(terms=("a",)), Patterns(patterns=("a",)), "It is now of the kind “Patterns”"),
    ],
)
def test_every_change_of_what_a_rule_looks_for_is_said(before: Match, after: Match, words: str) -> None:
    assert any(one.startswith(words) for one in said(of(before), of(after))), said(of(before), of(after))
    assert said(of(before), of(before)) == []


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (replace(POLICY, name="Theirs"), "“Theirs”; before, “Ours”."),
        (replace(POLICY, keep=False), "What is withheld is not kept any more."),
        (replace(POLICY, risk=Risk(warn=5.0)), "Warn: from 5; before, never."),
        (replace(POLICY, rules=()), "Rule “One”"),
        (replace(POLICY, cases=(Case(text="x", channel=Channel.TITLE, expect=Verdict.ALLOW),)), "1 golden case"),
        (replace(POLICY, categories=(Category(id="first", title="Best"),)), "It was called “First”."),
        (replace(POLICY, rules=(replace(RULE, fails_open=True),)), "If the check itself fails, text passes."),
    ],
)
def test_every_other_change_is_said(after: Policy, words: str) -> None:
    assert words in said(POLICY, after)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"AC-\d{6}", "“AC-”, then 6 digits"),
        (r"(cat|dog)s?", "“cat” or “dog”, then perhaps “s”"),
        (r"[A-Z]\w{2,4}\.", "a capital letter, then 2 to 4 letters, digits or _, then “.”"),
        (r"(ab){2}", "2 times (“ab”)"),
        (r"[^x]y", "one of [^x], then “y”"),
    ],
)
def test_a_pattern_is_read_aloud(pattern: str, words: str) -> None:
    [checked] = checked_patterns([pattern])
    assert (checked.problem, checked.aloud, checked.read_as) == ("", words, "")


def test_a_rule_that_blocks_prompts_alone_says_nothing_of_answers() -> None:
    prompts = replace(RULE, action=Verdict.BLOCK, channels=frozenset({Channel.PROMPT}))
    [shown] = shown_rules(replace(POLICY, rules=(prompts,)))
    assert shown.then == "The prompt is not sent."


@pytest.mark.parametrize(
    ("action", "channel", "words"),
    [
        (Verdict.HOLD, Channel.PROMPT, "The prompt is not sent until a reviewer has decided."),
        (Verdict.HOLD, Channel.ANSWER, "Nothing from there on is shown until a reviewer has decided."),
        (Verdict.BLOCK, Channel.TITLE, "The title is not given."),
    ],
)
def test_a_rule_says_what_happens_where_it_looks(action: Verdict, channel: Channel, words: str) -> None:
    one = replace(RULE, action=action, channels=frozenset({channel}))
    [shown] = shown_rules(replace(POLICY, rules=(one,)))
    assert shown.then == words


def test_a_classifier_rule_says_which_titles_it_does_not_read() -> None:
    match = Classified()
    titles = replace(RULE, match=match, channels=frozenset({Channel.ANSWER, Channel.TITLE}))
    answers = replace(RULE, id="answers", match=match, channels=frozenset({Channel.ANSWER}))
    told = {one.rule.id: one.waits for one in shown_rules(replace(POLICY, rules=(titles, answers)))}
    assert "not those that people type" in told[RULE.id]
    assert "type" not in told["answers"]


@given(st.lists(st.sampled_from(["lemon", "lem", " ", "<b>", "x", "LEMON"]), max_size=12).map("".join))
def test_a_trial_shows_the_whole_text_whatever_is_found(text: str) -> None:
    found = tried(compile_policy(POLICY), Audience(), text)
    shown = outcomes(POLICY, found, text)
    for one in shown:
        assert "".join(piece.text for piece in one.marked) == text
    answer = next(one for one in found if one.channel is Channel.ANSWER)
    released = next(one for one in shown if one.verdict is answer.verdict)
    assert "".join(piece.text for piece in released.released) == answer.text
