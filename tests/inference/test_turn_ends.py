from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.controls import Restorer, defuse
from inference.turn_ends import TOKENS, TurnEnds


def read(pieces: list[str]) -> str:
    ends = TurnEnds()
    return "".join(ends.feed(piece) for piece in pieces) + ends.close()


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_at_the_end_is_dropped(token: str) -> None:
    assert read([f"Done.{token}"]) == "Done."
    assert read([f"Done.{token}\n{token} "]) == "Done."


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_in_the_text_stays(token: str) -> None:
    assert read([f"A turn ends with {token}, always."]) == f"A turn ends with {token}, always."
    assert read([f"It is `{token}`"]) == f"It is `{token}`"


def test_what_people_asked_about_stays_even_at_the_end() -> None:
    restorer = Restorer()
    assert restorer.feed(read([defuse("It is <|eot_id|>")])) + restorer.close() == "It is <|eot_id|>"


PIECES = st.sampled_from([*TOKENS, "<|", "<|im_", "end|>", "</", "s>", "<", " ", "\n", "text", "é"])


@given(st.lists(PIECES, max_size=10))
def test_it_does_the_same_however_the_text_is_cut(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert read(pieces) == read([text]) == read(list(text))


@given(st.lists(PIECES, max_size=10))
def test_what_it_drops_is_only_such_tokens_at_the_end(pieces: list[str]) -> None:
    whole = "|".join(map(re.escape, TOKENS))
    assert read(pieces) == re.sub(rf"((?:{whole})\s*)+\Z", "", "".join(pieces))
