"""One answer's request to one engine, and what it needs of its context."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

import aiohttp
from django.utils.crypto import salted_hmac

from chat.asking import Asking
from chat.prompts import without_calls
from inference import tokens
from inference.engine import Engine
from inference.request import ChatRequest, ChatTurn

# What the count of a prompt may be off by.
MARGIN = 16
# Hermes 4 was trained to end its thoughts at this many tokens; one without a budget gets room for it.
LONG_THOUGHT = 30_000
SALT = "hermes.cache"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`tokens` is an upper bound of the prompt; `dropped` messages were left out of it.

    `context` is what may be read and written in one call: the engine's, or what a quota leaves of it.
    """

    request: ChatRequest
    engine: Engine
    context: int
    tokens: int
    dropped: int


async def question_of(
    session: aiohttp.ClientSession,
    engine: Engine,
    asking: Asking,
    history: Sequence[ChatTurn],
    begun: ChatTurn | None,
    *,
    organization_id: uuid.UUID,
    request_id: str,
) -> Question:
    """Return what the engine is asked. `begun` is the answer's own beginning, when it goes on.

    Raises the errors of counting, PromptTooLong among them.
    """
    if begun is not None and begun.content:
        # A grammar would begin anew in the middle of the JSON: what comes out is checked afterwards anyway.
        engine = replace(engine, capabilities=replace(engine.capabilities, schema=False))
    like = replace(request_like(asking, history, begun), cache_salt=cache_salt(organization_id), id=request_id)
    context = min(engine.context_length, asking.caps.context or engine.context_length)
    room = answer_room(context, asking)
    fitted = await tokens.fit_to_engine(session, engine, like.messages, budget=context - room, like=like)
    most = min(context - fitted.tokens - MARGIN, engine.longest_answer)
    most = min(most, asking.longest or most)
    budget = thinking_budget(engine, context, asking, most, begun)
    request = replace(like, messages=fitted.turns, max_tokens=most, thinking_budget=budget)
    return Question(request=request, engine=engine, context=context, tokens=fitted.tokens, dropped=fitted.dropped)


def request_like(asking: Asking, history: Sequence[ChatTurn], begun: ChatTurn | None) -> ChatRequest:
    """Return what any engine is asked, before it is known how much it may write."""
    return ChatRequest(
        messages=tuple(_turns(asking, history, begun)),
        max_tokens=1,
        sampling=asking.sampling,
        thinking=asking.reasoning.thinks,
        keep_reasoning=asking.keep_reasoning,
        tools=asking.tools,
        response_format=asking.response_format,
    )


def answer_room(context: int, asking: Asking) -> int:
    """Return how many tokens of the context are kept for what is to be written."""
    room = _plain_room(context)
    if asking.reasoning.thinks:
        thought = asking.budget or LONG_THOUGHT
        room = max(room, min(room + thought, context // 2))
    return min(room, asking.longest or room)


def thinking_budget(engine: Engine, context: int, asking: Asking, most: int, begun: ChatTurn | None) -> int | None:
    """Return the most tokens of thought: the effort's, less where the answer would have no room left."""
    budget = asking.budget
    if budget is None or not asking.reasoning.thinks:
        return None
    if begun is not None and not engine.capabilities.budget:
        # An engine that ends thoughts itself counts what it is given; we count what comes.
        budget = max(budget - tokens.estimate(begun.reasoning), 0)
    return min(budget, most - min(_plain_room(context), most // 4))


def cache_salt(organization_id: uuid.UUID) -> str:
    """Return what parts an organization's prefix cache from others'."""
    return salted_hmac(SALT, str(organization_id), algorithm="sha256").hexdigest()


def _plain_room(context: int) -> int:
    return max(256, context // 4)


def _turns(asking: Asking, history: Sequence[ChatTurn], begun: ChatTurn | None) -> list[ChatTurn]:
    system = ChatTurn(role="system", content=asking.system_prompt)
    told = list(history) if asking.tools else without_calls(history)
    return [system, *told, *([begun] if begun else [])]
