from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.splitter import Begin, ThinkSplitter

PIECES = st.sampled_from(["<think>", "</think>", "<thi", "nk>", "</", "\n", " ", "a", "</thin", "<", "é", "text "])
# Half of them begin with the tag; of pieces drawn freely few would.
LED = st.builds(list.__add__, st.sampled_from([[], ["<think>"], ["\n<think>"]]), st.lists(PIECES, max_size=20))


def split_whole(text: str) -> tuple[str, str]:
    """The rule, written plainly for a text that is all there: reasoning, answer."""
    lead = text.lstrip()
    if not lead.startswith("<think>"):
        return "", text
    inside, found, after = lead.removeprefix("<think>").partition("</think>")
    return inside.removeprefix("\n"), after.lstrip("\n") if found else ""


def split_cut(pieces: list[str], begin: Begin = Begin.FRESH) -> tuple[str, str]:
    splitter = ThinkSplitter(begin)
    out = [piece for one in pieces for piece in splitter.feed(one)] + splitter.close()
    joined = {name: "".join(text for channel, text in out if channel == name) for name in ("reasoning", "answer")}
    return joined["reasoning"], joined["answer"]


@given(LED)
def test_it_splits_alike_however_the_text_is_cut(pieces: list[str]) -> None:
    assert split_cut(pieces) == split_whole("".join(pieces))


@given(LED)
def test_every_single_cut_gives_the_same(pieces: list[str]) -> None:
    text = "".join(pieces)
    whole = split_cut([text])
    for at in range(len(text)):
        assert split_cut([text[:at], text[at:]]) == whole


@given(LED)
def test_every_character_alone_gives_the_same(pieces: list[str]) -> None:
    assert split_cut(list("".join(pieces))) == split_whole("".join(pieces))


def test_a_tag_later_in_the_answer_is_text() -> None:
    assert split_cut(["In HTML, <think> is not ", "a tag.</think>"]) == ("", "In HTML, <think> is not a tag.</think>")


def test_text_that_cannot_become_a_tag_is_not_held_back() -> None:
    splitter = ThinkSplitter()
    assert splitter.feed("Hello") == [("answer", "Hello")]
    assert splitter.feed(" <thi") == [("answer", " <thi")]


# A closing tag is one wherever in its thought the model writes it, as for the engine's own parser.
WRITTEN = {
    "a thought and an answer": ("<think>\nHm.\n</think>\n\n4.", ("Hm.\n", "4.")),
    "no thought": ("4.", ("", "4.")),
    "an empty thought": ("<think> </think>\n4.", (" ", "4.")),
    "nested tags": ("<think>a<think>b</think>c</think>d", ("a<think>b", "c</think>d")),
    "a closing tag in a fence": ("<think>\n```\n</think>\n```\nx</think>y", ("```\n", "```\nx</think>y")),
    "tags in a fence of the answer": ("So:\n```\n<think>x</think>\n```", ("", "So:\n```\n<think>x</think>\n```")),
    "a thought that does not lead": ("Well. <think>x</think> y", ("", "Well. <think>x</think> y")),
    "two thoughts": ("<think>a</think>\n<think>b</think>c", ("a", "<think>b</think>c")),
    "a closing tag alone": ("a</think>b", ("", "a</think>b")),
    "cut inside the thought": ("<think>a</thi", ("a</thi", "")),
    "cut inside the tag": ("<thin", ("", "<thin")),
    "a call inside the thought": ("<think><tool_call>{}</tool_call></think>x", ("<tool_call>{}</tool_call>", "x")),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_each_kind_of_output_at_every_cut(name: str) -> None:
    text, outcome = WRITTEN[name]
    assert [split_cut([text[:at], text[at:]]) for at in range(len(text) + 1)] == [outcome] * (len(text) + 1)


@given(st.lists(PIECES, max_size=20), st.sampled_from(Begin))
def test_every_beginning_is_split_alike_however_the_text_is_cut(pieces: list[str], begin: Begin) -> None:
    text = "".join(pieces)
    assert split_cut(pieces, begin) == split_cut([text], begin) == split_cut(list(text), begin)


@pytest.mark.parametrize(
    ("begin", "outcome"),
    [
        (Begin.FRESH, ("", "so.\n</think>\n\n<think>x</think>")),
        (Begin.INSIDE, ("so.\n", "<think>x</think>")),
        (Begin.BEHIND, ("", "so.\n</think>\n\n<think>x</think>")),
        (Begin.ANSWER, ("", "so.\n</think>\n\n<think>x</think>")),
    ],
)
def test_an_output_goes_on_from_what_was_there(begin: Begin, outcome: tuple[str, str]) -> None:
    assert split_cut(["so.\n</think>\n\n<think>x</think>"], begin) == outcome


def test_an_answer_that_goes_on_may_begin_with_a_tag() -> None:
    assert split_cut(["<think> is a tag"], Begin.ANSWER) == ("", "<think> is a tag")


def test_a_server_that_splits_by_itself_is_believed() -> None:
    splitter = ThinkSplitter(Begin.INSIDE)
    assert splitter.thought_comes_apart() == []
    assert splitter.feed("\n\nThe answer, </think> and all.") == [("answer", "The answer, </think> and all.")]
