"""An engine's own numbers are read with care: the ledger takes no negative or enormous ones."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.errors import EngineBroken
from inference.events import Finished
from inference.reply import Reply
from inference.request import ChatRequest, ChatTurn
from inference.usage import MOST_TOKENS, Usage, usage_of

ASKED = ChatRequest(messages=(ChatTurn(role="user", content="Hello"),), max_tokens=9)
NUMBERS = st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.integers(0, 9))
def test_every_count_can_be_stored_and_no_part_is_more_than_its_whole(
    prompt: float, cached: float, completion: float, thought: float, chunks: int
) -> None:
    told = {
        "prompt_tokens": prompt,
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens": completion,
        "completion_tokens_details": {"reasoning_tokens": thought},
    }
    usage = usage_of(told, answer=chunks, reasoning=chunks)
    assert all(0 <= one <= MOST_TOKENS for one in (usage.prompt, usage.cached, usage.answer, usage.reasoning))
    assert usage.answer + usage.reasoning == min(max(int(completion or 0), 0), MOST_TOKENS)


def test_more_reasoning_than_completion_is_all_of_it() -> None:
    told = {"completion_tokens": 3, "completion_tokens_details": {"reasoning_tokens": 9}}
    assert usage_of(told, answer=1, reasoning=1) == Usage(answer=0, reasoning=3)


@pytest.mark.parametrize(
    "usage",
    ['"many"', "[1]", '{"completion_tokens": "many"}', '{"completion_tokens": [3]}', '{"prompt_tokens_details": 3}'],
)
def test_numbers_that_are_none_are_a_broken_engine(usage: str) -> None:
    reply = Reply(ASKED)
    end = '{"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": ' + usage + "}"
    with pytest.raises(EngineBroken):
        list(reply.feed(f"data: {end}\n\n".encode()))
        list(reply.close())


def test_the_engines_numbers_are_taken() -> None:
    reply = Reply(ASKED)
    told: dict[str, Any] = {"prompt": 7, "cached": 2, "answer": 3, "reasoning": 1}
    usage = (
        '{"prompt_tokens": 7, "prompt_tokens_details": {"cached_tokens": 2}, '
        '"completion_tokens": 4, "completion_tokens_details": {"reasoning_tokens": 1}}'
    )
    end = '{"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": ' + usage + "}"
    list(reply.feed(f"data: {end}\n\n".encode()))
    assert list(reply.close()) == [Finished(reason="stop", usage=Usage(**told))]
