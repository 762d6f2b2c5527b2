"""llama.cpp's adapter against the real embedded server."""

from __future__ import annotations

import json
from dataclasses import replace

import aiohttp
import pytest

from inference.engine import Capabilities, Deadlines, Engine, PromptFormat
from inference.errors import ContextExceeded
from inference.request import ChatRequest, ChatTurn, ResponseFormat
from inference.sampling import Sampling
from inference.stream import Event, Finished, Text, stream_chat
from inference.thinking import answer_within
from inference.tokens import count

CITY = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 20}, "people": {"type": "integer", "maximum": 99}},
    "required": ["city", "people"],
}
QUESTION = ChatTurn(role="user", content="Name a city and how many people live there.")
CALM = Sampling(
    temperature=0.1,
    top_p=0.9,
    top_k=5,
    min_p=0.05,
    repetition_penalty=1.05,
    frequency_penalty=0.1,
    presence_penalty=0.1,
    seed=7,
)


def as_hermes(embedded: Engine) -> Engine:
    """Return the small model taken for a Hermes: it goes on with what it is given."""
    can = Capabilities(reasoning=True, prefill=True)
    return replace(embedded, prompt_format=PromptFormat.CHATML, capabilities=can)


async def read(session: aiohttp.ClientSession, engine: Engine, request: ChatRequest) -> list[Event]:
    return [event async for event in stream_chat(session, engine, request, Deadlines())]


def answer_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Text) and event.channel == "answer")


async def test_the_usage_is_the_engines(session: aiohttp.ClientSession, embedded: Engine) -> None:
    request = ChatRequest(messages=(QUESTION,), max_tokens=12, sampling=CALM)
    events = await read(session, embedded, request)
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.reason == "length"
    assert finished.usage.answer == 12
    assert finished.usage.prompt == await count(session, embedded, request)
    assert not finished.usage.estimated


async def test_a_seed_repeats_the_answer(session: aiohttp.ClientSession, embedded: Engine) -> None:
    request = ChatRequest(messages=(QUESTION,), max_tokens=16, sampling=replace(CALM, temperature=1.0, top_k=40))
    assert answer_of(await read(session, embedded, request)) == answer_of(await read(session, embedded, request))


async def test_a_schema_binds_the_answer(session: aiohttp.ClientSession, embedded: Engine) -> None:
    request = ChatRequest(
        messages=(QUESTION,),
        max_tokens=200,
        sampling=CALM,
        response_format=ResponseFormat(schema=CITY, name="a city"),
    )
    found = json.loads(answer_of(await read(session, embedded, request)))
    assert found.keys() == {"city", "people"}
    assert isinstance(found["people"], int)


async def test_json_without_a_schema_is_an_object(session: aiohttp.ClientSession, embedded: Engine) -> None:
    request = ChatRequest(messages=(QUESTION,), max_tokens=40, sampling=CALM, response_format=ResponseFormat())
    assert answer_of(await read(session, embedded, request)).lstrip().startswith("{")


async def test_it_goes_on_from_a_cut_answer_without_repeating_it(
    session: aiohttp.ClientSession, embedded: Engine
) -> None:
    cut = ChatTurn(role="assistant", content='{"city": "Ber')
    wanted = ResponseFormat(schema=CITY)
    request = ChatRequest(messages=(QUESTION, cut), max_tokens=100, sampling=CALM, response_format=wanted)
    rest = answer_of(await read(session, embedded, request))
    assert json.loads(cut.content + rest)["city"].startswith("Ber")


async def test_it_goes_on_from_a_cut_thought(session: aiohttp.ClientSession, embedded: Engine) -> None:
    cut = ChatTurn(role="assistant", content="", reasoning="They want the name of a city. A large")
    request = ChatRequest(messages=(QUESTION, cut), max_tokens=16, sampling=CALM, thinking=True)
    events = [event async for event in answer_within(session, as_hermes(embedded), request, Deadlines())]
    assert {event.channel for event in events if isinstance(event, Text)} == {"reasoning"}
    assert isinstance(events[-1], Finished)
    assert events[-1].usage.reasoning == 16


async def test_the_thought_is_closed_at_the_budget(session: aiohttp.ClientSession, embedded: Engine) -> None:
    cut = ChatTurn(role="assistant", content="", reasoning="They want the name of a city. A large")
    request = ChatRequest(messages=(QUESTION, cut), max_tokens=20, sampling=CALM, thinking=True, thinking_budget=8)
    events = [event async for event in answer_within(session, as_hermes(embedded), request, Deadlines())]
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert 8 <= finished.usage.reasoning <= 10
    assert answer_of(events).strip()
    assert finished.usage.estimated, "the first call was broken off before the engine told"


async def test_a_prompt_that_is_too_long_is_called_that(session: aiohttp.ClientSession, embedded: Engine) -> None:
    long = ChatTurn(role="user", content="river " * 6000)
    with pytest.raises(ContextExceeded, match="status 400"):
        await read(session, embedded, ChatRequest(messages=(long,), max_tokens=10))
