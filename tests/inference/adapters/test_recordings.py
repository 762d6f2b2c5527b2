"""Each engine as its documents describe it, through a real socket and the real client."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import Any

import pytest

from inference import errors
from inference.discovery import CONTEXT_UNKNOWN, discover
from inference.engine import Deadlines, Engine, Kind
from inference.errors import EngineBroken
from inference.request import ChatRequest, ChatTurn
from inference.stream import Event, Finished, Text, ToolCall, open_session, stream_chat
from inference.usage import Usage
from tests.inference.adapters.replay import ENGINES, Replay, recording, replaying

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
ASKED = ChatRequest(
    messages=(ChatTurn(role="user", content="How much is 2 + 2?"),), max_tokens=100, thinking=True, tools=(WEATHER,)
)
SECRETS = ("/srv/models/private", "10.1.2.3", "alias-one", "sk-or-v1-secret")
STREAMS = [(engine, name) for engine in ENGINES for name in recording(engine)["streams"]]
ERRORS = [(engine, at) for engine in ENGINES for at in range(len(recording(engine)["errors"]))]


async def found(replay: Replay) -> Engine:
    async with open_session() as session:
        return await discover(session, base_url=replay.url, model=replay.recorded["model"], api_key="sk-or-v1-secret")


async def read(replay: Replay, chat: dict[str, Any]) -> list[Event]:
    engine = await found(replay)
    replay.chats.append(chat)
    async with open_session() as session:
        return [event async for event in stream_chat(session, engine, ASKED, Deadlines())]


def test_every_kind_is_recorded() -> None:
    assert {recording(engine)["discovered"]["kind"] for engine in ENGINES} == set(Kind)


@pytest.mark.parametrize("name", ENGINES)
async def test_it_finds_out_what_the_engine_is(name: str) -> None:
    async with replaying(name) as replay:
        engine = await found(replay)
    facts = {field: value for field, value in asdict(engine).items() if field in replay.recorded["discovered"]}
    assert facts == replay.recorded["discovered"]


@pytest.mark.parametrize("name", ENGINES)
async def test_what_the_operator_knows_wins(name: str) -> None:
    declared = {"context_length": 1234, "reasoning": False, "tools": False, "schema": False}
    async with replaying(name) as replay, open_session() as session:
        engine = await discover(
            session,
            base_url=replay.url,
            model=replay.recorded["model"],
            kind=Kind.OPENAI,
            declared=declared,
            streams=7,
        )
    assert (engine.kind, engine.context_length, engine.streams) == (Kind.OPENAI, 1234, 7)
    assert not (engine.capabilities.reasoning or engine.capabilities.tools or engine.capabilities.schema)


async def test_a_server_that_tells_nothing_gets_sound_defaults() -> None:
    async with replaying("openai") as replay:
        replay.recorded["answers"] = {"GET /v1/models": {"data": [{"id": "mystery"}]}}
        engine = await found(replay)
    assert (engine.kind, engine.context_length) == (Kind.OPENAI, CONTEXT_UNKNOWN)
    assert not engine.capabilities.reasoning


@pytest.mark.parametrize(
    "told",
    [
        {"data": 3},
        {"data": ["hermes"]},
        {"data": [{"object": "model"}]},
        {"data": [{"id": "m", "owned_by": "vllm", "max_model_len": "very long"}]},
        {"data": [{"id": "m", "owned_by": "vllm", "max_model_len": [1]}]},
        {"data": [{"id": "m", "supported_parameters": 3}]},
    ],
)
async def test_nonsense_about_itself_is_a_broken_engine(told: dict[str, Any]) -> None:
    async with replaying("openai") as replay:
        replay.recorded["answers"] = {"GET /v1/models": told}
        with pytest.raises(EngineBroken):
            await found(replay)


@pytest.mark.parametrize(("name", "stream"), STREAMS)
async def test_its_stream_is_read(name: str, stream: str) -> None:
    async with replaying(name) as replay:
        chat = replay.recorded["streams"][stream]
        events = await read(replay, chat)

    def text(channel: str) -> str:
        return "".join(event.text for event in events if isinstance(event, Text) and event.channel == channel)

    calls = [[one.name, one.arguments, bool(one.problem)] for one in events if isinstance(one, ToolCall)]
    assert text("reasoning") == chat.get("reasoning", "")
    assert text("answer") == chat.get("answer", "")
    assert calls == chat.get("calls", [])
    assert len({one.id for one in events if isinstance(one, ToolCall)}) == len(calls)
    assert events[-1] == Finished(reason=chat.get("finish", "stop"), usage=Usage(**chat["usage"]))


@pytest.mark.parametrize(("name", "at"), ERRORS)
async def test_its_errors_are_told_in_our_words(name: str, at: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with replaying(name) as replay:
        told = replay.recorded["errors"][at]
        chat = {"chunks": [told["stream"]]} if "stream" in told else told
        with pytest.raises(errors.InferenceError) as raised:
            await read(replay, chat)
    assert type(raised.value).__name__ == told["means"]
    said = f"{raised.value.words} {raised.value!s} {raised.value!r} {caplog.text}"
    assert raised.value.words.endswith(".")
    assert not [secret for secret in SECRETS if secret in said]


@pytest.mark.parametrize("name", ENGINES)
async def test_an_answer_that_the_engine_gives_up_is_broken(name: str) -> None:
    async with replaying(name) as replay:
        with pytest.raises(EngineBroken):
            await read(replay, {"chunks": [{"choices": [{"delta": {"content": "4"}, "finish_reason": "abort"}]}]})
