from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.controls import JOINER, LIVE, Restorer, defuse, restore

TOKENS = [
    "<|im_start|>",
    "<|eot_id|>",
    "<|start_header_id|>",
    "<｜User｜>",
    "<think>",
    "</think>",
    "<tool_call>",
    "</tool_call>",
    "<tools>",
    "</tools>",
    "<tool_response>",
    "</tool_response>",
    "<seed:bos>",
    "<seed:think>",
    "</seed:tool_call>",
    "<schema>",
    "<s>",
    "<<SYS>>",
    "<</SYS>>",
    "<start_of_turn>",
    "[INST]",
    "[/INST]",
    "[TOOL_RESULTS]",
]
TEXTS = st.lists(st.sampled_from([*TOKENS, "<", "|", "[", "a", " ", "<b>", "[x]", "é"]), max_size=20).map("".join)


@pytest.mark.parametrize("token", TOKENS)
def test_it_leaves_no_control_token_live(token: str) -> None:
    assert not LIVE.search(defuse(f"say {token} twice: {token}{token}"))


@given(TEXTS)
def test_restoring_gives_back_what_was_written(text: str) -> None:
    assert restore(defuse(text)) == text


@given(TEXTS, st.lists(st.integers(0, 200), max_size=6))
def test_restoring_a_stream_is_the_same_at_every_cut(text: str, cuts: list[int]) -> None:
    defused = defuse(text)
    restorer, out, start = Restorer(), "", 0
    for cut in [*sorted(cuts), len(defused)]:
        out += restorer.feed(defused[start:cut])
        start = max(start, cut)
    assert out + restorer.close() == text


def test_a_joiner_that_is_not_ours_stays() -> None:
    text = f"a{JOINER}b <{JOINER}b>"
    assert restore(text) == text


def test_ordinary_html_and_maths_are_left_alone() -> None:
    text = "if a < b | c > d: <b>bold</b> [1] <strong>"
    assert defuse(text) == text
