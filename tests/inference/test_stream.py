"""The client against a scripted engine at a real socket: every fault has its error, and nothing hangs."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from bench.script import prompt_for
from inference.engine import Deadlines, Engine, Kind
from inference.errors import (
    EngineBroken,
    EngineBusy,
    EngineRefused,
    EngineTimeout,
    EngineUnreachable,
    InferenceError,
)
from inference.request import ChatRequest, ChatTurn
from inference.stream import Event, Finished, Text, ToolCall, stream_chat
from tests.environment import free_port
from tests.takes import quickest

# For those scripts alone in which nothing comes: a shared machine may be slow.
IMPATIENT = Deadlines(first_token=2.0, between_tokens=2.0)
SILENCES = {"stall_at", "headers_ms"}


def engine_at(url: str) -> Engine:
    return Engine(base_url=f"{url}/v1", model="scripted", kind=Kind.VLLM)


def asking(**script: Any) -> ChatRequest:
    return ChatRequest(
        messages=(ChatTurn(role="user", content=prompt_for({"rate": 2000, **script})),), max_tokens=100
    )


async def read(session: aiohttp.ClientSession, url: str, **script: Any) -> list[Event]:
    deadlines = IMPATIENT if script.keys() & SILENCES else Deadlines()
    return [event async for event in stream_chat(session, engine_at(url), asking(**script), deadlines)]


def text_of(events: list[Event], channel: str) -> str:
    return "".join(event.text for event in events if isinstance(event, Text) and event.channel == channel)


async def test_it_yields_the_text_and_the_engines_usage(session: aiohttp.ClientSession, scripted: str) -> None:
    events = await read(session, scripted, text="Hello, world", comments=True)
    assert text_of(events, "answer") == "Hello, world"
    assert isinstance(events[-1], Finished)
    assert events[-1].usage.answer == 3
    assert not events[-1].usage.estimated


@pytest.mark.parametrize("inline", [False, True])
async def test_it_tells_reasoning_from_the_answer(
    session: aiohttp.ClientSession, scripted: str, inline: bool
) -> None:
    events = await read(session, scripted, reasoning=6, inline_think=inline, text="Done.")
    assert text_of(events, "answer") == "Done."
    assert text_of(events, "reasoning").startswith("the river")
    assert "think>" not in text_of(events, "reasoning")


async def test_without_a_usage_block_the_count_is_marked_as_an_estimate(
    session: aiohttp.ClientSession, scripted: str
) -> None:
    events = await read(session, scripted, tokens=5, usage=False, done=False)
    assert isinstance(events[-1], Finished)
    assert events[-1].usage.estimated
    assert events[-1].usage.answer == 5


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ({"status": 400}, EngineRefused),
        ({"status": 404}, EngineRefused),
        ({"status": 429}, EngineBusy),
        ({"status": 503}, EngineBusy),
        ({"status": 500}, EngineBroken),
        ({"status": 307}, EngineBroken),
        ({"content_type": "text/html"}, EngineBroken),
        ({"reset_at": 3}, EngineBroken),
        ({"half_frame_at": 3}, EngineBroken),
        ({"error_at": 3}, EngineBroken),
        ({"wrong_json_at": 3}, EngineBroken),
        ({"stall_at": 3}, EngineTimeout),
        ({"stall_at": 0}, EngineTimeout),
        ({"headers_ms": 3000}, EngineTimeout),
    ],
)
async def test_every_fault_has_its_error(
    session: aiohttp.ClientSession, scripted: str, script: dict[str, Any], error: type[InferenceError]
) -> None:
    with pytest.raises(error) as raised:
        await read(session, scripted, tokens=10, **script)
    assert raised.value.words
    assert "/srv" not in raised.value.words, "the user is not told of paths"


async def test_a_timeout_says_what_it_waited_for(session: aiohttp.ClientSession, scripted: str) -> None:
    async def words(**script: Any) -> str:
        with pytest.raises(EngineTimeout) as raised:
            await read(session, scripted, tokens=10, **script)
        return raised.value.words

    assert "did not begin" in await words(headers_ms=3000)
    assert "did not begin" in await words(stall_at=0)
    assert "in the middle" in await words(stall_at=3)


async def test_a_server_that_is_not_there_is_unreachable(session: aiohttp.ClientSession) -> None:
    with pytest.raises(EngineUnreachable):
        await read(session, f"http://127.0.0.1:{free_port()}")


async def test_closing_the_stream_closes_the_request_at_once(session: aiohttp.ClientSession, scripted: str) -> None:
    async def take() -> float:
        await session.post(f"{scripted}/_reset")
        request = asking(tokens=10_000, rate=50)
        async with aclosing(stream_chat(session, engine_at(scripted), request, Deadlines())) as events:
            await anext(events)
        closed = time.time_ns()
        async with asyncio.timeout(60):
            while not (log := await (await session.get(f"{scripted}/_log")).json())[-1]["closed_by_client"]:
                await asyncio.sleep(0.01)
        return float(log[-1]["closed_by_client"] - closed) / 1e9

    assert await quickest(take, enough=0.2) <= 0.2


async def test_it_yields_whole_calls(session: aiohttp.ClientSession, scripted: str) -> None:
    tool = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}
    wanted = [["get_weather", '{"city": "Paris"}'], ["get_weather", '{"city": "Rome'], ["unknown", "{}"]]
    request = replace(asking(text="I look.", calls=wanted), tools=(tool,))
    events = [event async for event in stream_chat(session, engine_at(scripted), request, Deadlines())]
    calls = [event for event in events if isinstance(event, ToolCall)]
    assert [(call.name, call.arguments, call.problem) for call in calls] == [
        ("get_weather", '{"city": "Paris"}', ""),
        ("get_weather", '{"city": "Rome', "The call is not valid JSON."),
        ("unknown", "{}", "There is no tool named “unknown”."),
    ]
    assert isinstance(events[-1], Finished)
    assert (events[-1].reason, text_of(events, "answer")) == ("tool_calls", "I look.")
