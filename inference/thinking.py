"""One answer whose thought keeps to its budget, whatever the engine can do.

An engine that ends a thought by itself does so. For any other the tokens of thought are counted here; at the budget
the connection is closed and the engine asked again: to go on from the closed thought where it can go on from a text,
else without thinking.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace

import aiohttp

from inference.engine import Deadlines, Engine
from inference.errors import ThinkingRefused
from inference.events import Event, Finished, Spent, Text
from inference.reply import Reply
from inference.request import ChatRequest, ChatTurn
from inference.stream import stream_chat
from inference.tokens import estimate
from inference.usage import Usage, together

Follow = Callable[[Reply], None]


def unfollowed(reply: Reply) -> None:
    """Nobody asks what a call has cost before it ends."""


async def answer_within(
    session: aiohttp.ClientSession,
    engine: Engine,
    request: ChatRequest,
    deadlines: Deadlines,
    follow: Follow = unfollowed,
) -> AsyncGenerator[Event, None]:
    """Yield what `stream_chat` yields; the thought has at most the budget's tokens. Raises InferenceError.

    `follow` is given the reply of each call as it begins: who breaks one off can ask it what it has cost.
    """
    begun = False
    try:
        async with aclosing(_answer(session, engine, request, deadlines, follow)) as events:
            async for event in events:
                begun = True
                yield event
        return
    except ThinkingRefused:
        can = engine.capabilities
        if begun or not (can.budget or can.effort):
            raise
    # It was not started for what it was taken to know: what is left is our own counting.
    engine = replace(engine, capabilities=replace(can, budget=False, effort=False))
    async with aclosing(_answer(session, engine, request, deadlines, follow)) as events:
        async for event in events:
            yield event


async def _answer(
    session: aiohttp.ClientSession, engine: Engine, request: ChatRequest, deadlines: Deadlines, follow: Follow
) -> AsyncGenerator[Event, None]:
    reply = Reply(request)
    follow(reply)
    counts = request.thinking and request.thinking_budget is not None and not engine.capabilities.budget
    thoughts: list[str] = []
    async with aclosing(stream_chat(session, engine, request, deadlines, reply)) as events:
        async for event in events:
            yield event
            if counts and isinstance(event, Text):
                # What was thought before this request began is the model's own past, and not counted again.
                thoughts.append(event.text)
                counts = event.channel == "reasoning"
                if counts and reply.thought >= (request.thinking_budget or 0):
                    break
        else:
            return
    for event in reply.rest():
        # What was held back belongs to the thought too; it is at most a tag's beginning.
        if isinstance(event, Text) and event.channel == "reasoning":
            thoughts.append(event.text)
            yield event
    spent = _spent(request, reply)
    yield Spent(spent)
    closed = _closed(engine, request, "".join(thoughts), spent.reasoning)
    rest = Reply(closed)
    follow(rest)
    async with aclosing(stream_chat(session, engine, closed, deadlines, rest)) as events:
        async for event in events:
            yield _after(spent, event) if isinstance(event, Finished) else event


def _after(spent: Usage, end: Finished) -> Finished:
    return replace(end, usage=together(spent, end.usage), last=end.usage)


def _spent(request: ChatRequest, reply: Reply) -> Usage:
    """Return what the call cost that was broken off."""
    told = reply.usage()
    if not told.estimated:
        return told
    prompt = sum(estimate(turn.content) + estimate(turn.reasoning) for turn in request.messages)
    return Usage(prompt=prompt, reasoning=reply.thought, estimated=True)


def _closed(engine: Engine, request: ChatRequest, thought: str, tokens: int) -> ChatRequest:
    """Return the request for the answer alone."""
    after = replace(
        request,
        max_tokens=max(request.max_tokens - tokens, 1),
        thinking_budget=None,
        id=f"{request.id}-2" if request.id else "",
    )
    if not engine.capabilities.prefill:
        return replace(after, thinking=False)
    last = request.messages[-1]
    before, begun = (request.messages[:-1], last.reasoning) if request.goes_on else (request.messages, "")
    turn = ChatTurn(role="assistant", content="", reasoning=(begun + thought).rstrip())
    return replace(after, messages=(*before, turn), thought_is_over=True)
