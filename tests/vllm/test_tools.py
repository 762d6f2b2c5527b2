"""Tools: calls in the stream and in one piece, and what the engine's own parser makes of bad ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.vllm.chats import CALL, RESULT, said
from tests.vllm.scripts import (
    ARGUMENTS_FIRST,
    DIRECT,
    SINGLE_QUOTES,
    THINK_TOOL,
    TOOL,
    TOOL_ANSWER,
    TOOL_IN_THOUGHT,
    TWO_TOOLS,
)
from tests.vllm.server import VllmServer
from tests.vllm.talk import TIME_TOOL, WEATHER_TOOL, Refused, body, chunks, streamed, whole

TOOLS = [WEATHER_TOOL, TIME_TOOL]
PARIS = ("get_weather", '{"city": "Paris"}')


@pytest.mark.parametrize("thinking", [True, False])
def test_a_call_is_streamed_piece_by_piece(vllm: VllmServer, thinking: bool) -> None:
    asked = body(vllm, TOOL, thinking=thinking, tools=TOOLS)
    deltas = [
        call
        for chunk in chunks(vllm, asked)
        for choice in chunk["choices"]
        for call in choice["delta"].get("tool_calls") or ()
    ]
    first, *rest = deltas
    assert (first["index"], first["type"], first["function"]) == (0, "function", {"name": "get_weather"})
    assert first["id"]
    assert "".join(call["function"]["arguments"] for call in rest) == PARIS[1]
    assert not any(call.get("id") for call in rest)


@pytest.mark.parametrize("thinking", [True, False])
def test_calls_are_the_same_in_one_piece(vllm: VllmServer, thinking: bool) -> None:
    for script, calls in ((TOOL, [PARIS]), (TWO_TOOLS, [PARIS, ("get_time", '{"zone": "UTC"}')])):
        asked = body(vllm, script, thinking=thinking, tools=TOOLS)
        for answer in (streamed(vllm, asked), whole(vllm, asked)):
            assert (list(answer.calls), answer.content.strip(), answer.reason) == (calls, "", "tool_calls")


def test_a_call_after_a_thought(vllm: VllmServer) -> None:
    asked = body(vllm, THINK_TOOL, thinking=True, tools=TOOLS)
    for answer in (streamed(vllm, asked), whole(vllm, asked)):
        assert (list(answer.calls), answer.reasoning.strip()) == ([PARIS], THINK_TOOL.reasoning)
        assert answer.content.strip() == ""


def test_a_call_inside_a_thought_is_a_thought(vllm: VllmServer) -> None:
    asked = body(vllm, TOOL_IN_THOUGHT, thinking=True, tools=TOOLS)
    for answer in (streamed(vllm, asked), whole(vllm, asked)):
        assert (list(answer.calls), answer.content.strip()) == ([], TOOL_IN_THOUGHT.answer)
        assert answer.reasoning.strip() == TOOL_IN_THOUGHT.reasoning


def test_the_result_comes_back(vllm: VllmServer) -> None:
    turns = (TOOL, said(None, tool_calls=[CALL]), RESULT)
    assert streamed(vllm, body(vllm, *turns, thinking=False, tools=TOOLS)).content == TOOL_ANSWER.text


def test_words_are_still_possible(vllm: VllmServer) -> None:
    assert streamed(vllm, body(vllm, DIRECT, thinking=False, tools=TOOLS)).content == DIRECT.text


def test_a_grammar_puts_bad_calls_right(vllm: VllmServer) -> None:
    """It is on when the answer has begun for certain: without thinking, or behind a thought."""
    assert list(streamed(vllm, body(vllm, ARGUMENTS_FIRST, thinking=False, tools=TOOLS)).calls) == [PARIS]
    quoted = streamed(vllm, body(vllm, SINGLE_QUOTES, thinking=False, tools=TOOLS)).calls[0]
    assert (quoted[0], quoted[1].startswith('{"city":')) == ("get_weather", True)


def test_a_direct_call_while_it_may_think_has_no_grammar(vllm: VllmServer) -> None:
    """What is not in order then does not survive the engine's own parser: our client must expect it."""
    asked = body(vllm, ARGUMENTS_FIRST, thinking=True, tools=TOOLS)
    name, arguments = streamed(vllm, asked).calls[0]
    assert name == "get_weather"
    with pytest.raises(json.JSONDecodeError):
        json.loads(arguments)
    assert list(whole(vllm, asked).calls) == [PARIS]
    asked = body(vllm, SINGLE_QUOTES, thinking=True, tools=TOOLS)
    assert (list(streamed(vllm, asked).calls), streamed(vllm, asked).content) == ([], "")
    assert whole(vllm, asked).content == SINGLE_QUOTES.text


def test_a_call_that_is_cut_off(vllm: VllmServer) -> None:
    asked = body(vllm, TOOL, thinking=False, tools=TOOLS, max_tokens=5)
    answer = streamed(vllm, asked)
    assert (answer.reason, answer.calls[0][0]) == ("length", "get_weather")
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.calls[0][1])


def test_no_tools_is_another_thing_than_none_of_them(vllm: VllmServer) -> None:
    with pytest.raises(Refused) as refused:
        streamed(vllm, body(vllm, DIRECT, thinking=False, tools=[]))
    assert refused.value.status == 400


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "get_weather"}}])
def test_a_call_can_be_required(vllm: VllmServer, choice: Any) -> None:
    answer = streamed(vllm, body(vllm, TOOL, thinking=False, tools=TOOLS, tool_choice=choice))
    assert answer.calls[0][0] == "get_weather"
