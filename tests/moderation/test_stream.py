"""A text past gate and classifier: what is seen depends on the text and the verdicts, on nothing else."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.compiled import Ruleset
from moderation.errors import GateFailed
from moderation.policy import Mode, Patterns, Rule, Terms
from moderation.verdict import Verdict
from moderation.windows import Window
from tests.moderation.classified import adds_up, judged, reader, rule, ruleset, split

ACTIONS = st.sampled_from([Verdict.FLAG, Verdict.REDACT, Verdict.HOLD, Verdict.BLOCK])
WORDS = st.sampled_from(
    [*("The river bends here. ", "nothing to see, ", "all is well. ", "\n", "- an item of a list\n", "  ")]
    + [
        *(
            "a bad thing",
            "bad. ",
            "this is a scam! ",
            "Anna ",
            "Annabel ",
            "Bertha. ",
            "川は曲がる。",
            "x" * 150 + " ",
        )
    ]
)
TEXTS = st.lists(WORDS, max_size=60).map("".join)
ORDERS = st.randoms(use_true_random=False)
FIRST = "The first sentence has nothing in it. "
BAD = "The second sentence is bad indeed. "
LAST = "The third sentence is a good one again. "


@st.composite
def rules(draw: st.DrawFn) -> Ruleset:
    """Some rules of the gate, some of the classifier, some exemptions."""
    found: list[Rule] = [judged(draw(ACTIONS), draw(st.sampled_from(Mode)))]
    if draw(st.booleans()):
        found.append(judged(draw(ACTIONS), draw(st.sampled_from(Mode)), category="fraud"))
    if draw(st.booleans()):
        found.append(rule("anna", "names", draw(ACTIONS), Terms(terms=("Anna", "Annabel"))))
    if draw(st.booleans()):
        found.append(rule("bertha", "fraud", draw(ACTIONS), Terms(terms=("Bertha. a bad", "Bertha"))))
    if draw(st.booleans()):
        found.append(rule("long", "names", draw(ACTIONS), Patterns(patterns=("is [a-z ]{1,40}[.!]", "x{3,9}"))))
    return ruleset(*found, exempt=draw(st.lists(st.sampled_from(["violence", "fraud", "names"]), max_size=1)))


@given(rules(), TEXTS, st.data(), ORDERS)
@settings(max_examples=400)
def test_neither_chunks_nor_the_order_of_verdicts_matter(
    chosen: Ruleset, text: str, data: st.DataObject, order: Random
) -> None:
    plain = reader(chosen)
    plain.read([text])
    plain.judge_all()
    mixed = reader(chosen)
    mixed.read(split(text, data.draw(st.lists(st.integers(1, 400), max_size=30))), order)
    mixed.judge_all(order)
    assert mixed.outcome() == plain.outcome()
    assert not mixed.stream.is_waiting and mixed.stream.provisional == 0
    assert adds_up(plain.stream) and adds_up(mixed.stream)
    assert mixed.stream.released == len(mixed.shown)


@given(rules(), TEXTS, ORDERS)
def test_every_character_alone_is_the_same(chosen: Ruleset, text: str, order: Random) -> None:
    plain, single = reader(chosen), reader(chosen)
    plain.read([text])
    plain.judge_all()
    single.read(text, order)
    single.judge_all(order)
    assert single.outcome() == plain.outcome()


@given(ACTIONS, st.sampled_from(Mode), TEXTS, ORDERS)
def test_it_does_what_the_verdicts_say(action: Verdict, mode: Mode, text: str, order: Random) -> None:
    """Beside a model of it that knows the whole text and all verdicts at once."""
    read = reader(ruleset(judged(action, mode)))
    read.read([text])
    pieces = [(window.text, "bad" in window.text) for window in read.windows]
    read.judge_all(order)
    ends = next((at for at, (_, is_bad) in enumerate(pieces) if is_bad), None)
    if action in (Verdict.FLAG, Verdict.REDACT) or ends is None:
        expected = "".join(
            re.sub(r"\S(.*\S)?", "[redacted: Violence]", piece, flags=re.DOTALL)
            if is_bad and action is Verdict.REDACT
            else piece
            for piece, is_bad in pieces
        )
        assert read.shown.rstrip() == expected.rstrip()
        return
    assert read.shown == "".join(piece for piece, _ in pieces[:ends])
    rest = text[len(read.shown) :]
    assert (read.stream.held, read.stream.withheld) == ((rest, "") if action is Verdict.HOLD else ("", rest))


@given(TEXTS, ORDERS)
def test_what_waits_for_a_verdict_is_not_seen(text: str, order: Random) -> None:
    read = reader(ruleset(judged(Verdict.REDACT), judged(Verdict.FLAG, Mode.FOLLOW, category="fraud")), score=fine)
    for character in text:
        read.take(read.stream.feed(character))
        read.judge_some(order)
        first = min(read.waiting, key=lambda one: one.number, default=None)
        known = [one.text for one in read.windows if first is None or one.number < first.number]
        # Blanks are nobody's business: they leave with what stands before them.
        assert read.shown.rstrip() == "".join(known).rstrip() or read.shown.isspace()
        assert (read.retracted, read.stream.provisional) == (0, 0)


@given(TEXTS, ORDERS)
def test_what_is_followed_is_seen_at_once_and_provisional(text: str, order: Random) -> None:
    read = reader(ruleset(judged(Verdict.BLOCK, Mode.FOLLOW)), score=fine)
    for at, character in enumerate(text, 1):
        read.take(read.stream.feed(character))
        read.judge_some(order)
        assert (read.shown, read.retracted) == (text[:at], 0)
        judged_so_far = len(text[:at]) - read.stream.provisional
        first = min((one.number for one in read.waiting), default=None)
        known = sum(len(one.text) for one in read.windows if first is None or one.number < first)
        assert judged_so_far >= known
    read.take(read.stream.close())
    read.judge_all()
    assert read.stream.provisional == 0


def fine(window: Window) -> dict[str, float]:
    return {"violence": 0.0, "fraud": 0.0}


def test_a_bad_sentence_that_was_seen_is_taken_back_from_its_beginning() -> None:
    read = reader(ruleset(judged(Verdict.REDACT, Mode.FOLLOW)))
    read.read([FIRST, BAD, LAST])
    assert read.shown == FIRST + BAD + LAST
    read.judge(1)
    assert read.shown == FIRST + "[redacted: Violence] " + LAST
    assert read.retracted >= len(BAD + LAST) - len("[")
    assert read.stream.provisional == len(read.shown)
    read.judge_all()
    assert read.stream.provisional == 0
    told = read.stream.coverage()
    assert (told["redacted"], told["markers"]) == (len(BAD.strip()), len("[redacted: Violence]"))
    assert told["hits"] == [
        {"start": len(FIRST), "end": len(FIRST + BAD) - 1, "rule": "violence is judged", "category": "violence"}
        | {"verdict": "redact", "score": 0.9}
    ]


def test_a_block_ends_reading_and_earlier_verdicts_still_count() -> None:
    read = reader(ruleset(judged(Verdict.BLOCK), judged(Verdict.REDACT, category="fraud")))
    for text in ("Here is a scam for you, dear. ", FIRST, BAD, LAST):
        read.take(read.stream.feed(text))
    read.judge(2)
    assert (read.stream.is_over, read.stream.is_waiting, read.shown) == (True, True, "")
    assert read.stream.feed("And more of it.").text == ""
    read.judge(1)
    read.judge(0)
    assert read.shown == "[redacted: Fraud. And scams] " + FIRST
    assert (read.stream.is_waiting, read.stream.verdict) == (False, Verdict.BLOCK)
    assert read.stream.withheld == BAD + LAST
    # The third sentence's own verdict is of no interest.
    read.judge_all()
    assert read.stream.withheld == BAD + LAST
    assert adds_up(read.stream)


def test_a_hold_goes_on_reading_and_a_block_behind_it_wins() -> None:
    rules = ruleset(judged(Verdict.HOLD), judged(Verdict.BLOCK, category="fraud"))
    read = reader(rules)
    read.read([FIRST, BAD, LAST])
    read.judge_all()
    assert (read.shown, read.stream.held, read.stream.withheld) == (FIRST, BAD + LAST, "")
    assert (read.stream.verdict, read.stream.is_over) == (Verdict.HOLD, False)
    again = reader(rules)
    again.read([FIRST, BAD, LAST, "And then a scam."])
    again.judge_all()
    assert (again.shown, again.stream.held) == (FIRST, "")
    assert (again.stream.withheld, again.stream.verdict) == (BAD + LAST + "And then a scam.", Verdict.BLOCK)
    assert adds_up(read.stream) and adds_up(again.stream)


def test_what_the_gate_holds_is_judged_too() -> None:
    """A reviewer may let it pass: by then it must have been read."""
    anna = rule("anna", "names", Verdict.HOLD, Terms(terms=("Anna",)))
    read = reader(ruleset(anna, judged(Verdict.REDACT), judged(Verdict.BLOCK, category="fraud")))
    read.read([FIRST, "Anna is here, and nobody else. ", BAD])
    read.judge_all()
    assert (read.shown, read.stream.verdict) == (FIRST, Verdict.HOLD)
    assert read.stream.held == "Anna is here, and nobody else. [redacted: Violence] "
    again = reader(ruleset(anna, judged(Verdict.BLOCK, category="fraud")))
    again.read([FIRST, "Anna is here, and nobody else. ", "This is a scam."])
    again.judge_all()
    assert (again.shown, again.stream.held, again.stream.verdict) == (FIRST, "", Verdict.BLOCK)
    assert adds_up(read.stream) and adds_up(again.stream)


def test_the_first_block_of_what_is_held_wins_whoever_finds_it_first() -> None:
    held = rule("x", "names", Verdict.HOLD, Patterns(patterns=("x{3,9}",)))
    anna = rule("anna", "names", Verdict.BLOCK, Terms(terms=("Anna",)))
    rules = ruleset(held, anna, judged(Verdict.BLOCK, category="fraud"))
    text = "xxx and after it comes a scam! Anna was here. "
    late, early = reader(rules), reader(rules)
    late.read([text])
    late.judge_all()
    for character in text:
        early.take(early.stream.feed(character))
        early.judge_all()
    assert late.outcome() == early.outcome()
    assert [hit.rule for hit in late.stream.hits if hit.verdict is Verdict.BLOCK] == ["fraud is judged"]


def test_who_is_exempt_is_counted_and_waits_for_nothing() -> None:
    read = reader(ruleset(judged(Verdict.BLOCK), exempt=["violence"]))
    read.take(read.stream.feed(FIRST + BAD))
    assert (read.shown, read.stream.provisional) == (FIRST + BAD, 0)
    read.judge_all()
    assert [(hit.verdict, hit.exempt, hit.score) for hit in read.stream.hits] == [(Verdict.FLAG, True, 0.9)]
    assert not read.stream.is_over


# Failures


@pytest.mark.parametrize("scores", [None, {}, {"violence": float("nan")}, {"violence": 1.5}, {"fraud": 0.1}])
@pytest.mark.parametrize("mode", Mode)
def test_without_scores_nothing_more_passes(mode: Mode, scores: dict[str, float] | None) -> None:
    read = reader(ruleset(judged(Verdict.FLAG if mode is Mode.FOLLOW else Verdict.BLOCK, mode)))
    read.take(read.stream.feed(FIRST + LAST + "And the beginning of"))
    read.judge()
    with pytest.raises(GateFailed):
        read.stream.judge(1, scores)
    read.take(read.stream.abandon())
    assert read.shown == FIRST
    assert (read.stream.withheld, read.stream.is_over) == (LAST + "And the beginning of", True)
    assert not read.stream.is_waiting and read.stream.provisional == 0
    assert adds_up(read.stream)
    with pytest.raises(GateFailed):
        read.stream.feed("more")
    with pytest.raises(GateFailed):
        read.stream.close()
    assert read.stream.judge(2, {"violence": 0.0}).text == ""


@pytest.mark.parametrize("mode", Mode)
def test_a_rule_that_fails_open_is_recorded(mode: Mode) -> None:
    read = reader(ruleset(judged(Verdict.BLOCK, mode, fails_open=True)), score=lambda window: None)
    read.read([FIRST, LAST])
    read.judge_all()
    assert read.shown == FIRST + LAST
    assert [(hit.failed, hit.verdict) for hit in read.stream.hits] == [(True, Verdict.FLAG)] * 2
    assert adds_up(read.stream)


@given(rules(), TEXTS, st.integers(0, 30), ORDERS)
def test_whenever_it_is_abandoned_what_is_left_was_judged(
    chosen: Ruleset, text: str, count: int, order: Random
) -> None:
    whole, read = reader(chosen), reader(chosen)
    whole.read([text])
    whole.judge_all()
    for chunk in split(text, range(0, len(text), 7))[:count]:
        read.take(read.stream.feed(chunk))
        read.judge_some(order)
    was_waiting = {one.number for one in read.waiting}
    read.take(read.stream.abandon())
    assert whole.shown.startswith(read.shown)
    assert adds_up(read.stream)
    binds = any(one.category not in chosen.audience.exempt_categories for one in chosen.classified)
    if binds and was_waiting:
        before = "".join(one.text for one in read.windows if one.number < min(was_waiting))
        # A marker may be longer than what it stands for.
        assert len(read.shown) <= len(before) + len("[redacted: Fraud. And scams]") * len(read.windows)


# Answers that go on


def test_where_text_waits_for_verdicts_what_was_seen_before_is_context() -> None:
    read = reader(ruleset(judged(Verdict.REDACT)), prior=FIRST + "And so ")
    read.read(["it goes on. ", BAD])
    assert [one.text for one in read.windows] == ["it goes on. " + BAD]
    assert read.windows[0].before == FIRST + "And so "
    read.judge_all()
    assert read.shown == FIRST + "And so [redacted: Violence] "
    assert read.stream.hits[0].start == len(FIRST + "And so ")
    assert adds_up(read.stream)


@given(TEXTS, st.integers(0, 200), st.sampled_from([Verdict.REDACT, Verdict.BLOCK, Verdict.HOLD]), ORDERS)
def test_where_text_is_followed_what_was_seen_before_is_judged_again(
    text: str, at: int, action: Verdict, order: Random
) -> None:
    """The worker that died may have shown it before its verdict came."""
    rules = ruleset(judged(action, Mode.FOLLOW))
    whole, rest = reader(rules), reader(rules, prior=text[:at])
    whole.read([text])
    whole.judge_all()
    rest.read(split(text[at:], range(0, 500, 9)), order)
    rest.judge_all(order)
    assert rest.outcome() == whole.outcome()
    assert adds_up(rest.stream)


@given(rules(), TEXTS, st.integers(0, 300), st.data(), ORDERS)
def test_an_answer_that_goes_on_adds_up_too(
    chosen: Ruleset, text: str, at: int, data: st.DataObject, order: Random
) -> None:
    plain, mixed = reader(chosen, prior=text[:at]), reader(chosen, prior=text[:at])
    plain.read([text[at:]])
    plain.judge_all()
    mixed.read(split(text[at:], data.draw(st.lists(st.integers(1, 400), max_size=20))), order)
    mixed.judge_all(order)
    assert mixed.outcome() == plain.outcome()
    assert adds_up(plain.stream) and adds_up(mixed.stream)
    assert mixed.stream.released == len(mixed.shown) - len(text[:at])
