"""The same events however the bytes of a stream are cut."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from inference.events import Event, Finished, Text, ToolCall
from inference.reply import Reply
from inference.request import ChatRequest, ChatTurn
from tests.inference.adapters.replay import ENGINES, recording
from tests.inference.adapters.test_recordings import ASKED, STREAMS, WEATHER

USER = ChatTurn(role="user", content="What is </think>?")


def stream_of(contents: Iterable[str], finish: str = "stop") -> bytes:
    """Return a stream whose chunks hold these texts."""
    deltas = [{"choices": [{"delta": {"content": text}}]} for text in contents]
    end = {"choices": [{"delta": {}, "finish_reason": finish}]}
    return b"".join(f"data: {json.dumps(one)}\n\n".encode() for one in [*deltas, end]) + b"data: [DONE]\n\n"


def read(chunks: Iterable[bytes], request: ChatRequest = ASKED) -> list[tuple[str, ...]]:
    """Return the events, the texts of a channel joined."""
    reply = Reply(request)
    events: list[Event] = [event for chunk in chunks for event in reply.feed(chunk)]
    found: list[tuple[str, ...]] = []
    for event in [*events, *reply.close()]:
        if isinstance(event, Text) and found and found[-1][0] == event.channel:
            found[-1] = (event.channel, found[-1][1] + event.text)
        elif isinstance(event, Text):
            found.append((event.channel, event.text))
        elif isinstance(event, ToolCall):
            found.append(("call", event.name, event.arguments, event.problem))
        else:
            assert isinstance(event, Finished)
            found.append(("finished", event.reason, str(event.usage)))
    return found


@pytest.mark.parametrize(("engine", "name"), STREAMS)
def test_every_recorded_stream_at_every_cut(engine: str, name: str) -> None:
    chunks = recording(engine)["streams"][name]["chunks"]
    lines = [one if isinstance(one, str) else f"data: {json.dumps(one)}" for one in chunks]
    stream = "".join(f"{line}\n\n" for line in [*lines, "data: [DONE]"]).encode()
    whole = read([stream])
    assert all(read([stream[:at], stream[at:]]) == whole for at in range(len(stream)))


def test_every_engine_has_streams() -> None:
    assert {engine for engine, _ in STREAMS} == set(ENGINES)


CALL = '<tool_call>{"name": "get_weather", "arguments": {"city": "Paris"}}</tool_call>'
CALLED = ("call", "get_weather", '{"city": "Paris"}', "")


@pytest.mark.parametrize(
    ("output", "found"),
    [
        (f"<think>\nI call <tool_call>.\n</think>\n{CALL}", [("reasoning", "I call <tool_call>.\n"), CALLED]),
        (f"<think>{CALL}</think>No call.", [("reasoning", CALL), ("answer", "No call.")]),
        (f"I look.{CALL}<|eot_id|>", [("answer", "I look."), CALLED]),
        ("It closes with </think>.<|im_end|>\n", [("answer", "It closes with </think>.")]),
        ("Say <\u2060think> or <\u2060|im_end|>", [("answer", "Say <think> or <|im_end|>")]),
    ],
)
def test_an_output_token_by_token_and_at_every_cut(output: str, found: list[tuple[str, ...]]) -> None:
    for at in range(len(output)):
        assert read([stream_of([output[:at], output[at:]])])[:-1] == found
    assert read([stream_of(output)])[:-1] == found


def test_without_tools_a_call_is_text() -> None:
    asked = ChatRequest(messages=(USER,), max_tokens=9)
    assert read([stream_of([CALL])], asked)[0] == ("answer", CALL)


def test_a_call_that_the_length_cut_says_so() -> None:
    asked = ChatRequest(messages=(USER,), max_tokens=9, tools=(WEATHER,))
    (call, _) = read([stream_of([CALL[:40]], finish="length")], asked)
    assert call[-1] == "The call was cut off before it was complete."


def test_a_thought_that_goes_on_begins_inside() -> None:
    cut = ChatTurn(role="assistant", content="", reasoning="They want")
    asked = ChatRequest(messages=(USER, cut), max_tokens=9, thinking=True)
    assert read([stream_of([" a sum.\n</th", "ink>\n4."])], asked)[:-1] == [
        ("reasoning", " a sum.\n"),
        ("answer", "4."),
    ]


def test_an_answer_that_goes_on_has_no_leading_thought() -> None:
    cut = ChatTurn(role="assistant", content="The tag is ")
    asked = ChatRequest(messages=(USER, cut), max_tokens=9, thinking=True)
    assert read([stream_of(["<think>", " it is."])], asked)[:-1] == [("answer", "<think> it is.")]
