"""Chats of every shape that a template must take, by name."""

from __future__ import annotations

from typing import Any

from tests.vllm.talk import TIME_TOOL, WEATHER_TOOL

SYSTEM = {"role": "system", "content": "Be kind."}
ASKED = {"role": "user", "content": "Hi"}
AGAIN = {"role": "user", "content": "Again"}
CALL = {"id": "a", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'}}
RESULT = {"role": "tool", "tool_call_id": "a", "content": "sunny"}


def said(content: str | None, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content, **more}


EARLIER: dict[str, list[dict[str, Any]]] = {
    "plain": [said("Hello.")],
    "with a thought": [said("<think>\nHm.\n</think>\nHello.")],
    "with a thought on one line": [said("<think>Hm.</think>Hello.")],
    "with a thought cut off": [said("<think>\nHm, and")],
    "with an end and no beginning": [said("Hm.</think>Hello.")],
    "with tags in the middle": [said("Write <think> and </think> so.")],
    "with two ends": [said("<think>a</think>b</think>c")],
    "with reasoning": [said("Hello.", reasoning="Hm.")],
    "with reasoning_content": [said("Hello.", reasoning_content="Hm.")],
    "with reasoning alone": [said(None, reasoning="Hm.")],
    "empty": [said("")],
    "null": [said(None)],
    "a call": [said(None, tool_calls=[CALL]), RESULT, said("It is sunny.")],
    "a call and words": [said("Let me look.", tool_calls=[CALL]), RESULT, said("It is sunny.")],
    "a call after a thought": [said("<think>\nHm.\n</think>\n", tool_calls=[CALL]), RESULT, said("Sunny.")],
    "two calls": [said("", tool_calls=[CALL, CALL]), RESULT, RESULT, said("Both.")],
    "a call and no answer": [said(None, tool_calls=[CALL]), RESULT],
    "twice the user": [AGAIN],
    "a second system message": [said("Hello."), SYSTEM],
}
CHOICES: dict[str, dict[str, Any]] = {
    "off": {"thinking": False},
    "on": {"thinking": True},
    "off, kept": {"thinking": False, "keep_cots": True},
    "on, kept": {"thinking": True, "keep_cots": True},
    "on, opened": {"thinking": True, "think_first": True},
}
TOOLS: dict[str, list[dict[str, Any]]] = {"no tools": [], "tools": [WEATHER_TOOL, TIME_TOOL]}


def all_chats() -> list[tuple[list[dict[str, Any]], dict[str, Any], list[dict[str, Any]]]]:
    """Return every kind of earlier turn with every choice, with and without a system message and tools."""
    return [
        ([*first, ASKED, *earlier, AGAIN], choice, tools)
        for earlier in EARLIER.values()
        for first in ([], [SYSTEM])
        for choice in CHOICES.values()
        for tools in TOOLS.values()
    ]
