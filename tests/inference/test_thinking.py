"""The thought keeps to its budget: by the engine where it can, else by our own count and a second call."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from bench.script import prompt_for
from inference.engine import Capabilities, Deadlines, Engine, Kind, PromptFormat
from inference.errors import ThinkingRefused
from inference.events import Event, Finished, Text
from inference.messages import THINKING
from inference.reply import Reply
from inference.request import ChatRequest, ChatTurn
from inference.thinking import answer_within

HERMES = Capabilities(reasoning=True, tools=True, schema=True, budget=True, prefill=True)
COUNTED = replace(HERMES, budget=False)


def engine_at(url: str, can: Capabilities) -> Engine:
    return Engine(
        base_url=f"{url}/v1",
        model="scripted",
        kind=Kind.VLLM,
        capabilities=can,
        prompt_format=PromptFormat.CHATML,
    )


def asking(**script: Any) -> ChatRequest:
    content = prompt_for({"rate": 2000, "obeys": True, "text": "Done.", **script})
    return ChatRequest(
        messages=(ChatTurn(role="user", content=content),),
        max_tokens=100,
        thinking=True,
        thinking_budget=10,
        id="abc",
    )


async def read(
    session: aiohttp.ClientSession, engine: Engine, request: ChatRequest
) -> tuple[list[Event], list[dict[str, Any]]]:
    """Return the events, and the bodies that the engine saw."""
    await session.post(f"{engine.root_url}/_reset")
    events = [event async for event in answer_within(session, engine, request, Deadlines())]
    log = await (await session.get(f"{engine.root_url}/_log")).json()
    return events, [one["body"] for one in log]


def text_of(events: list[Event], channel: str) -> str:
    return "".join(event.text for event in events if isinstance(event, Text) and event.channel == channel)


def end_of(events: list[Event]) -> Finished:
    (finished,) = [event for event in events if isinstance(event, Finished)]
    assert events[-1] is finished
    return finished


async def test_an_engine_with_a_budget_is_asked_once(session: aiohttp.ClientSession, scripted: str) -> None:
    events, (body,) = await read(session, engine_at(scripted, HERMES), asking(reasoning=50))
    assert body["thinking_token_budget"] == 10
    assert text_of(events, "answer") == "Done."
    usage = end_of(events).usage
    assert (usage.reasoning, usage.answer, usage.estimated) == (10, 2, False)


@pytest.mark.parametrize("inline", [False, True])
async def test_a_thought_over_its_budget_is_closed_and_gone_on_from(
    session: aiohttp.ClientSession, scripted: str, inline: bool
) -> None:
    engine = engine_at(scripted, COUNTED)
    events, (first, second) = await read(session, engine, asking(reasoning=50, inline_think=inline))
    thought = text_of(events, "reasoning")
    assert "thinking_token_budget" not in first
    assert first["stream_options"]["continuous_usage_stats"]
    assert second["messages"][:-1] == first["messages"], "what was read already is not read again"
    assert second["messages"][-1] == {
        "role": "assistant",
        "content": f"<think>\n{thought.rstrip()}\n</think>\n",
    }
    assert second["continue_final_message"]
    assert second["max_tokens"] == 90
    assert text_of(events, "answer") == "Done."
    usage = end_of(events).usage
    assert (usage.reasoning, usage.answer, usage.estimated) == (10, 2, True)


async def test_an_engine_that_tells_as_it_goes_is_believed(session: aiohttp.ClientSession, scripted: str) -> None:
    events, _ = await read(session, engine_at(scripted, COUNTED), asking(reasoning=50, continuous=True))
    usage = end_of(events).usage
    assert (usage.prompt, usage.reasoning, usage.answer, usage.estimated) == (14, 10, 2, False)


@pytest.mark.parametrize("continuous", [True, False])
async def test_who_breaks_a_call_off_is_told_what_it_has_cost(
    session: aiohttp.ClientSession, scripted: str, continuous: bool
) -> None:
    replies: list[Reply] = []
    request = asking(reasoning=50, text="word " * 200, continuous=continuous)
    events = answer_within(session, engine_at(scripted, COUNTED), request, Deadlines(), replies.append)
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Text) and event.channel == "answer":
                break
    thought, answer = replies
    assert (thought.told() is None, answer.told() is None) == (not continuous, not continuous)
    if told := answer.told():
        assert (told.prompt, told.reasoning, told.estimated) == (7, 0, False)
        assert told.answer >= 1


async def test_where_nothing_can_be_gone_on_from_it_is_asked_without_thinking(
    session: aiohttp.ClientSession, scripted: str
) -> None:
    can = replace(COUNTED, prefill=False)
    events, (first, second) = await read(session, engine_at(scripted, can), asking(reasoning=50))
    assert first["messages"][0]["content"] == THINKING
    assert second["messages"] == first["messages"][1:]
    assert second["chat_template_kwargs"] == {"thinking": False, "enable_thinking": False}
    assert (text_of(events, "answer"), end_of(events).usage.reasoning) == ("Done.", 10)


async def test_a_thought_within_its_budget_is_left_alone(session: aiohttp.ClientSession, scripted: str) -> None:
    events, bodies = await read(session, engine_at(scripted, COUNTED), asking(reasoning=9))
    assert len(bodies) == 1
    assert (text_of(events, "answer"), end_of(events).usage.reasoning) == ("Done.", 9)


async def test_without_a_budget_nothing_is_counted(session: aiohttp.ClientSession, scripted: str) -> None:
    request = replace(asking(reasoning=50), thinking_budget=None)
    events, bodies = await read(session, engine_at(scripted, COUNTED), request)
    assert len(bodies) == 1
    assert end_of(events).usage.reasoning == 50


async def test_an_engine_that_was_not_started_for_budgets_is_counted_for(
    session: aiohttp.ClientSession, scripted: str
) -> None:
    request = asking(reasoning=50, thinking_status=400)
    events, bodies = await read(session, engine_at(scripted, HERMES), request)
    assert ["thinking_token_budget" in body for body in bodies] == [True, False, False]
    assert (text_of(events, "answer"), end_of(events).usage.reasoning) == ("Done.", 10)


async def test_a_refusal_that_nothing_can_be_left_out_for_is_raised(
    session: aiohttp.ClientSession, scripted: str
) -> None:
    body = '{"error": "this model does not support thinking"}'
    with pytest.raises(ThinkingRefused):
        await read(session, engine_at(scripted, COUNTED), asking(status=400, body=body))
