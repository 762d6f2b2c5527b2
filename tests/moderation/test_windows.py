"""Windows: whole sentences of any script, never too long, the same however the text came."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.policy import Mode, Terms
from moderation.verdict import Verdict
from moderation.windows import CONTEXT, LONGEST, SHORTEST, next_cut, worst_delay
from tests.moderation.classified import judged, reader, rule, ruleset, split

PIECES = st.sampled_from(
    [
        "a",
        "word ",
        "Mr. ",
        "3.14 ",
        "end. ",
        "is it? ",
        "yes!” ",
        "\n",
        "- item\n",
        "。",
        "明日は晴れ",
        "। ",
        "…",
        "  ",
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=5), max_size=400).map("".join)


def cut(text: str) -> list[str]:
    """Cut a whole text."""
    at, pieces = 0, []
    while (end := next_cut(text, at)) is not None:
        pieces.append(text[at:end])
        at = end
    return [*pieces, text[at:]] if text[at:] else pieces


@pytest.mark.parametrize(
    "marked",
    [
        "The river bends here, slowly. |It goes on for ever. |",
        "Mr. Smith paid 3.14 dollars to Mrs. |Jones.\nAnd left.",
        "He said “Where does it bend?” |Nobody knew.",
        "川はここでゆっくりと曲がって、それから海へ流れる。|誰も知らない。",
        "नदी यहाँ धीरे-धीरे मुड़ती है और बहती है।| कोई नहीं जानता।",
        "إلى أين يذهب هذا النهر الطويل؟ |لا أحد يعرف.",
        "- the first of the items\n|- the second one of them\n|",
        "1. a\n2. b\n3. c\n",
        "x = a.b(c.d) + 1.5e3 # no end of a sentence",
    ],
)
def test_sentences_of_many_scripts(marked: str) -> None:
    assert cut(marked.replace("|", "")) == [one for one in marked.split("|") if one]


def test_what_never_ends_is_cut_at_a_word() -> None:
    pieces = cut("word " * 1000)
    assert all(LONGEST // 2 < len(one) <= LONGEST and one.endswith(" ") for one in pieces[:-1])
    assert [len(one) for one in cut("x" * 1000)] == [LONGEST, LONGEST, 1000 - 2 * LONGEST]


@given(TEXTS)
def test_nothing_is_lost_and_nothing_is_too_long(text: str) -> None:
    pieces = cut(text)
    assert "".join(pieces) == text
    assert all(len(one) <= LONGEST for one in pieces)
    assert all(len(one.strip()) >= SHORTEST or len(one) > LONGEST // 2 for one in pieces[:-1])


@given(TEXTS, st.data())
def test_the_cuts_do_not_depend_on_the_chunks(text: str, data: st.DataObject) -> None:
    chunks = split(text, data.draw(st.lists(st.integers(0, max(len(text), 1)), max_size=20)))
    whole, parted, single = (reader(ruleset(judged(Verdict.REDACT, Mode.FOLLOW))) for _ in range(3))
    whole.read([text])
    parted.read(chunks)
    single.read(text)
    assert parted.windows == single.windows == whole.windows
    assert [one.text for one in whole.windows] == [one for one in cut(text) if one.strip()]


@given(TEXTS)
def test_a_window_brings_what_stands_before_it(text: str) -> None:
    read = reader(ruleset(judged(Verdict.BLOCK)))
    read.read([text])
    for window in read.windows:
        assert len(window.before) <= CONTEXT
        assert window.before + window.text in text
        assert len(window.before) == CONTEXT or text.startswith(window.before + window.text)


@given(st.lists(st.sampled_from(["Anna ", "x" * 30 + " ", "y" * 397, ". ", "\n"]), max_size=40).map("".join))
def test_no_marker_is_parted(text: str) -> None:
    """The category's title has the end of a sentence in it."""
    terms = Terms(terms=("Anna",), whole_words=False)
    read = reader(ruleset(rule("names", "fraud", Verdict.REDACT, terms), judged(Verdict.FLAG)))
    read.read([text])
    marker = "[redacted: Fraud. And scams]"
    assert sum(one.text.count(marker) for one in read.windows) == text.count("Anna")
    assert all(one.text.count("[") == one.text.count(marker) for one in read.windows)


def test_the_rules_of_a_window_are_asked_together_with_the_largest_budget() -> None:
    read = reader(
        ruleset(
            judged(Verdict.FLAG, budget_ms=500), judged(Verdict.BLOCK, Mode.FOLLOW, category="fraud", budget_ms=900)
        )
    )
    read.read(["A sentence that is long enough. "])
    assert [(one.rules, one.budget_ms) for one in read.windows] == [(("violence is judged", "fraud is judged"), 900)]


def test_blanks_are_nobodys_business() -> None:
    read = reader(ruleset(judged(Verdict.BLOCK)))
    read.read([" \n" * 600])
    assert (read.windows, read.shown, read.stream.is_waiting) == ([], " \n" * 600, False)


def test_the_worst_delay_is_said_in_words() -> None:
    hold = worst_delay(judged(Verdict.BLOCK, budget_ms=1500))
    assert hold is not None
    assert (hold.characters, hold.seconds) == (LONGEST, 1.5)
    assert "sentence by sentence" in hold.words and "1.5 seconds" in hold.words
    follow = worst_delay(judged(Verdict.BLOCK, Mode.FOLLOW, budget_ms=1000))
    assert follow is not None
    assert follow.characters == 0
    assert "taken back" in follow.words and "1 second " in follow.words
    assert worst_delay(rule("names", "names", Verdict.BLOCK, Terms(terms=("x",)))) is None
