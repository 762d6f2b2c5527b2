"""Longer texts, real recognizers, and texts that go on after a part was shown."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moderation.channel import Channel
from moderation.compiled import Ruleset, compile_policy
from moderation.errors import GateFailed, PolicyInvalid
from moderation.gate import Gate
from moderation.matchers import expression
from moderation.matchers.patterns import PatternTrack
from moderation.policy import Audience, Category, Match, Patterns, Policy, Recognized, Rule, Terms
from moderation.recognizers import RECOGNIZERS
from moderation.scan import scan
from moderation.verdict import Verdict


def rules_of(*drawn: tuple[Verdict, Match], fails_open: bool = False) -> Ruleset:
    rules = tuple(
        Rule(
            id=f"r{number}",
            title="",
            category="c",
            action=action,
            channels=frozenset(Channel),
            match=match,
            fails_open=fails_open,
        )
        for number, (action, match) in enumerate(drawn)
    )
    policy = Policy(name="cuts", categories=(Category(id="c", title="C"),), rules=rules)
    return compile_policy(policy).ruleset(Channel.ANSWER, Audience())


EVERYTHING = rules_of(
    (Verdict.REDACT, Recognized(names=tuple(RECOGNIZERS))),
    (Verdict.REDACT, Terms(terms=("plum", "green plum", "свекла"))),
    (Verdict.HOLD, Patterns(patterns=(r"\bproject[ -]?\d{3}\b",))),
    (Verdict.BLOCK, Terms(terms=("poison",), whole_words=False)),
    (Verdict.FLAG, Patterns(patterns=(r"\b[A-Z][a-z]+ing\b",))),
)
PIECES = st.one_of(
    st.sampled_from([one.example for one in RECOGNIZERS.values()]),
    st.sampled_from(
        ["plum", "p l u m", "pl\u200bum", "green\n plum", "&#112;lum", "p1um", "СВЕКЛА", "Going", "project 12"]
    ),
    st.sampled_from(
        ["green **plum**", "*green* plum", "\u202enosiop\u202c", "poi\u202enos\n", "\u202emulp", "\u202e", "\u202c"]
    ),
    st.sampled_from(
        ["project-123", "poi", "son", "p.o.i.s.o.n", "**", "&", "\\", "<b>", "ß", "ﬁ", "😀", "1", "\n", "  "]
    ),
    st.text(max_size=5),
    st.sampled_from([" ", ", ", " and some words between, as people write them "]),
)
TEXTS = st.lists(PIECES, max_size=25).map("".join)


def through(gate: Gate, pieces: list[str]) -> tuple[str, Gate]:
    shown = "".join(gate.feed(piece).text for piece in pieces)
    return shown + gate.close().text, gate


@settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS, st.data())
def test_no_cut_changes_what_real_recognizers_find(text: str, data: st.DataObject) -> None:
    told = scan(EVERYTHING, text)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    drawn = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    for pieces in (drawn, list(text)):
        shown, gate = through(Gate(EVERYTHING), pieces)
        found = (shown, gate.verdict, tuple(gate.hits), gate.withheld, gate.held)
        assert found == (told.text, told.verdict, told.hits, told.withheld, told.held)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS, st.integers(0, 200))
def test_a_text_that_goes_on_ends_as_one_that_came_at_once(text: str, cut: int) -> None:
    # What was shown before is what no rule finds by itself; what begins in it is taken back.
    prior = text[:cut]
    if scan(EVERYTHING, prior).hits:
        return
    gate, shown = Gate(EVERYTHING, prior=prior), prior
    for released in (*map(gate.feed, text[cut:]), gate.close()):
        shown = shown[: len(shown) - released.retract] + released.text
    told = scan(EVERYTHING, text)
    if not any(hit.end <= len(prior) for hit in told.hits):
        assert (shown, gate.verdict, tuple(gate.hits)) == (told.text, told.verdict, told.hits)


@pytest.mark.parametrize(
    "text",
    [
        "a green **plum**!",
        "a **green** plum!",
        "a *green*\n_plum_!",
        "a green ~~plum~~!",
        "a `green` plum!",
        "(green *plum*)",
    ],
)
def test_a_phrase_is_found_where_a_word_of_it_is_set_off(text: str) -> None:
    found = scan(EVERYTHING, text)
    assert found.verdict is Verdict.REDACT
    assert "green" not in found.text
    assert "plum" not in found.text


@pytest.mark.parametrize("text", ["a green * plum2", "green, **salmon**", "2 * 3 ** 4", "* green\n* salmon\n"])
def test_signs_of_sums_and_lists_are_no_part_of_words(text: str) -> None:
    assert scan(EVERYTHING, text).text == text


@pytest.mark.parametrize("name", RECOGNIZERS)
def test_what_is_set_off_is_recognized(name: str) -> None:
    rules, example = rules_of((Verdict.BLOCK, Recognized(names=(name,)))), RECOGNIZERS[name].example
    for mark in ("*", "**", "`", "_", "__", "~~"):
        for text in (f"{mark}{example}{mark}", f"It is {mark}{example}{mark}, you see."):
            assert scan(rules, text).verdict is Verdict.BLOCK, text


@pytest.mark.parametrize("end", ["\u202c", "\u2066", "\n", ""])
def test_what_is_stored_backwards_is_read_as_it_is_shown(end: str) -> None:
    found = scan(EVERYTHING, f"Take the \u202enosiop a{end}")
    assert (found.verdict, found.text) == (Verdict.BLOCK, "Take the ")


def test_text_without_any_beginning_leaves_at_once() -> None:
    gate = Gate(rules_of((Verdict.REDACT, Terms(terms=("plum",))), (Verdict.BLOCK, Patterns(patterns=(r"x\d+",)))))
    for piece in ("The quick", " brown fo", "g jumps "):
        assert gate.feed(piece).text == piece


def test_what_was_withheld_is_all_that_came_after_the_cut() -> None:
    shown, gate = through(Gate(EVERYTHING), ["Take the poi", "son and", " go"])
    assert (shown, gate.withheld, gate.is_over) == ("Take the ", "poison", True)


class Fault(RuntimeError):
    pass


@pytest.mark.parametrize("error", [ValueError, RuntimeError, LookupError, TypeError, ArithmeticError, MemoryError])
def test_nothing_passes_after_a_fault(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(rules_of((Verdict.FLAG, Patterns(patterns=("plum",)))))
    assert gate.feed("before ").text == "before "

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(PatternTrack, "read", fail)
    with pytest.raises(GateFailed):
        gate.feed("a plum")
    monkeypatch.undo()
    with pytest.raises(GateFailed):
        gate.feed("more")
    with pytest.raises(GateFailed):
        gate.close()


def test_a_rule_that_fails_open_is_left_out_and_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(rules_of((Verdict.REDACT, Patterns(patterns=("plum",))), fails_open=True))

    def fail(*_: object) -> None:
        raise Fault

    monkeypatch.setattr(PatternTrack, "read", fail)
    assert gate.feed("a plum").text == "a plum"
    assert [(hit.failed, hit.rule) for hit in gate.hits] == [(True, "r0")]


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(", ")"),
        ("^a", r"\b"),
        ("a$", r"\b"),
        ("a*", "necessary"),
        ("a{600}b{600}", "longer"),
        (r"(?m)a", "lines"),
        (r"\Aa", "leave"),
        ("a(?=b)", "RE2"),
    ],
)
def test_an_expression_that_cannot_be_used_says_what_to_do(pattern: str, words: str) -> None:
    with pytest.raises(PolicyInvalid) as caught:
        rules_of((Verdict.BLOCK, Patterns(patterns=("fine", pattern))))
    assert caught.value.problems[0].place == "rules[0].match.patterns[1]"
    assert words in caught.value.problems[0].words


@pytest.mark.parametrize(
    ("written", "used"),
    [
        ("ab+c", "ab{1,64}c"),
        ("a.*b", "a.{0,64}b"),
        ("(?:ab){3,}", "(?:ab){3,64}"),
        ("(?i)x(?:y|z)", "(?i:x)(?:(?i:y)|(?i:z))"),
    ],
)
def test_repetition_gets_a_bound_that_can_be_shown(written: str, used: str) -> None:
    assert expression.bounded_source(written) == used
