from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inference.splitter import ThinkSplitter

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


def split_cut(pieces: list[str]) -> tuple[str, str]:
    splitter = ThinkSplitter()
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
