"""The chat templates, rendered by vLLM and by transformers: every shape of chat, the same tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inference.vllm.prompt_format import TEMPLATES
from tests.vllm.chats import AGAIN, ASKED, CALL, EARLIER, RESULT, SYSTEM, all_chats, said
from tests.vllm.rendering import Renderer
from tests.vllm.scripts import DIRECT
from tests.vllm.server import VllmServer
from tests.vllm.talk import WEATHER_TOOL, Refused, body, prompt_ids, rendered, streamed

THINKING = (
    "You are a deep thinking AI, you may use extremely long chains of thought to deeply consider the problem and "
    "deliberate with yourself via systematic reasoning processes to help come to a correct solution prior to "
    "answering. You should enclose your thoughts and internal monologue inside <think> </think> tags, and then "
    "provide your solution or response to the problem."
)
TOOLS_SECTION = """

# Tools

You are a function calling AI model. You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
%s
</tools>
For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
<tool_call>
{"name": "<function-name>", "arguments": <args-json-object>}
</tool_call>"""
WEATHER = (
    '{"type": "function", "function": {"name": "get_weather", "description": "Say what the weather is.", '
    '"parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], '
    '"additionalProperties": false}}}'
)


def written(name: str, *turns: tuple[str, str], answering: bool = True) -> str:
    """Return turns as a prompt format writes them."""
    if name == "llama3":
        begin, form = "<|begin_of_text|>", "<|start_header_id|>{}<|end_header_id|>\n\n{}<|eot_id|>"
        end = "<|start_header_id|>assistant<|end_header_id|>\n\n"
    else:
        begin, form, end = "", "<|im_start|>{}\n{}<|im_end|>\n", "<|im_start|>assistant\n"
    return begin + "".join(form.format(*turn) for turn in turns) + (end if answering else "")


@pytest.fixture(scope="module")
def renderer(vllm: VllmServer, vllm_python: Path) -> Iterator[Renderer]:
    opened = Renderer(vllm_python, vllm.folder, TEMPLATES / f"{vllm.model}.jinja")
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture
def text_of(renderer: Renderer) -> Any:
    """Render one chat to text."""
    return lambda *messages, **more: renderer.render(messages, **more)["text"]


def test_every_chat_is_the_same_in_vllm_and_in_transformers(vllm: VllmServer, renderer: Renderer) -> None:
    chats = all_chats()
    assert len(chats) > 300
    for messages, choice, tools in chats:
        expected = renderer.render(messages, tools, **choice)
        asked = {"model": vllm.model, "messages": messages, "chat_template_kwargs": choice}
        asked |= {"tools": tools} if tools else {}
        assert prompt_ids(vllm, asked) == expected["ids"], expected["text"]
        # Where tokens are counted, only the field's newer name is known.
        if not any("reasoning_content" in message for message in messages):
            assert rendered(vllm, asked) == expected["tokens"], expected["text"]


def test_every_chat_has_as_many_thoughts_closed_as_opened(renderer: Renderer) -> None:
    """The engine's budget would take an open one for the thought that it counts."""
    for messages, choice, tools in all_chats():
        text = renderer.render(messages, tools, **choice)["text"]
        if "think_first" not in choice:
            assert text.rfind("<think>") <= text.rfind("</think>"), text


def test_the_formats_differ_in_their_first_lines_only() -> None:
    marker = "{#- The rest is the same for both formats. -#}"
    one, other = ((TEMPLATES / f"{name}.jinja").read_text().split(marker) for name in ("llama3", "chatml"))
    assert one[0] != other[0]
    assert one[1] == other[1]


def test_without_a_system_message_hermes_says_who_it_is(vllm: VllmServer, text_of: Any) -> None:
    who = ("system", "You are Hermes, created by Nous Research.")
    assert text_of(ASKED) == written(vllm.model, who, ("user", "Hi"))


def test_thinking_is_asked_for_in_front_of_the_system_message(vllm: VllmServer, text_of: Any) -> None:
    expected = written(vllm.model, ("system", f"{THINKING}\n\nBe kind."), ("user", "Hi"))
    assert text_of(SYSTEM, ASKED, thinking=True) == expected
    assert text_of({"role": "system", "content": f"{THINKING}\n\nBe kind."}, ASKED, thinking=True) == expected
    assert text_of(ASKED, thinking=True) == written(vllm.model, ("system", THINKING), ("user", "Hi"))


@pytest.mark.parametrize(
    ("earlier", "off", "on", "kept"),
    [
        ("plain", "Hello.", "<think> </think>\nHello.", "Hello."),
        ("with a thought", "Hello.", "<think> </think>\nHello.", "<think>\nHm.\n</think>\nHello."),
        ("with a thought on one line", "Hello.", "<think> </think>\nHello.", "<think>\nHm.\n</think>\nHello."),
        ("with reasoning", "Hello.", "<think> </think>\nHello.", "<think>\nHm.\n</think>\nHello."),
        ("with reasoning_content", "Hello.", "<think> </think>\nHello.", "<think>\nHm.\n</think>\nHello."),
        ("with a thought cut off", "", "<think> </think>\n", "<think>\nHm, and\n</think>\n"),
        ("null", "", "<think> </think>\n", ""),
        ("with two ends", "b</think>c", "<think> </think>\nb</think>c", "<think>\na\n</think>\nb</think>c"),
    ],
)
def test_old_thoughts_go_or_stay(vllm: VllmServer, text_of: Any, earlier: str, off: str, on: str, kept: str) -> None:
    turns = (SYSTEM, ASKED, *EARLIER[earlier], AGAIN)

    def expected(answer: str, system: str = "Be kind.") -> str:
        return written(vllm.model, ("system", system), ("user", "Hi"), ("assistant", answer), ("user", "Again"))

    assert text_of(*turns) == expected(off)
    assert text_of(*turns, thinking=True) == expected(on, f"{THINKING}\n\nBe kind.")
    assert text_of(*turns, keep_cots=True) == expected(kept)


def test_tools_calls_and_results(vllm: VllmServer, text_of: Any) -> None:
    call = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>'
    result = "<tool_response>\nsunny\n</tool_response>"
    turns = (SYSTEM, ASKED, said("Let me look.", tool_calls=[CALL, CALL]), RESULT, RESULT)
    assert text_of(*turns, tools=[WEATHER_TOOL]) == written(
        vllm.model,
        ("system", "Be kind." + TOOLS_SECTION % WEATHER),
        ("user", "Hi"),
        ("assistant", f"Let me look.\n{call}\n{call}"),
        ("tool", f"{result}\n{result}"),
    )


@pytest.mark.parametrize(
    ("last", "thinking", "expected"),
    [
        (said("Hello the"), False, "Hello the"),
        (said("Hello the"), True, "<think> </think>\nHello the"),
        (said("<think>\nHm, so"), True, "<think>\nHm, so"),
        (said("<think>\nHm.\n</think>\nHello the"), True, "<think>\nHm.\n</think>\nHello the"),
        (said("Hello the", reasoning="Hm."), True, "<think>\nHm.\n</think>\nHello the"),
    ],
)
def test_an_answer_goes_on_where_it_was_cut(
    vllm: VllmServer, last: dict[str, Any], thinking: bool, expected: str
) -> None:
    asked = body(vllm, ASKED, last, thinking=thinking, continue_final_message=True, add_generation_prompt=False)
    prompt = "".join(rendered(vllm, asked)).replace("Ċ", "\n").replace("Ġ", " ")
    assert re.split(r"assistant(?:<\|end_header_id\|>\n)?\n", prompt)[-1] == expected
    said_on = streamed(vllm, asked | {"messages": [{"role": "user", "content": DIRECT.prompt}, last]})
    assert (said_on.reasoning + said_on.content).startswith(" and so on")
    is_open = "<think>" in expected and "</think>" not in expected
    assert bool(said_on.reasoning) == is_open


def test_a_template_of_the_request_is_refused(vllm: VllmServer) -> None:
    with pytest.raises(Refused) as refused:
        streamed(vllm, body(vllm, ASKED, thinking=False, chat_template="{{ messages }}"))
    assert refused.value.status == 400
