"""Count tokens: by the engine where it can, else by an upper bound."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import aiohttp
import orjson

from inference.adapters import ADAPTERS
from inference.context import Fitted, exchanges, without_oldest
from inference.engine import Engine
from inference.errors import EngineBroken, PromptTooLong
from inference.messages import messages_of, tools_of
from inference.request import ChatRequest, ChatTurn
from inference.usage import Usage

# Role, separators and the like, per message, generously.
OVERHEAD = 16
# What a template says around tools.
TOOLS_OVERHEAD = 1024


def estimate(text: str) -> int:
    """Return about how many tokens a text has: four bytes each, the usual rule for byte-pair encodings."""
    return (len(text.encode(errors="replace")) + 3) // 4


def estimated_usage(*, prompt: Iterable[str], answer: str, reasoning: str) -> Usage:
    """Return about what a call cost whose engine did not come to tell."""
    return Usage(
        prompt=sum(map(estimate, prompt)), answer=estimate(answer), reasoning=estimate(reasoning), estimated=True
    )


def upper_bound(engine: Engine, request: ChatRequest) -> int:
    """Return more tokens than the prompt can have: a byte-level tokenizer never makes more than one per byte."""
    sent = messages_of(engine, request)
    bound = sum(len(turn["content"].encode(errors="replace")) + OVERHEAD for turn in sent)
    bound += sum(len(orjson.dumps(turn["tool_calls"])) for turn in sent if "tool_calls" in turn)
    if request.tools:
        bound += TOOLS_OVERHEAD + len(orjson.dumps(tools_of(request)))
    return bound


async def fit_to_engine(
    session: aiohttp.ClientSession,
    engine: Engine,
    turns: Sequence[ChatTurn],
    *,
    budget: int,
    like: ChatRequest | None = None,
) -> Fitted:
    """Leave out as few of the oldest exchanges as the budget (tokens) demands.

    `like` is the request that they are for: what it adds to the prompt counts too. Short conversations are not
    counted at all. Raises PromptTooLong when the last message alone does not fit.
    """
    like = like or ChatRequest(messages=tuple(turns), max_tokens=1)
    bound = upper_bound(engine, replace(like, messages=tuple(turns)))
    if bound <= budget:
        return Fitted(turns=tuple(turns), dropped=0, tokens=bound)

    async def counted(dropped: int) -> int:
        return await count(session, engine, replace(like, messages=without_oldest(turns, dropped)))

    most = exchanges(turns)
    low, high, tokens = 0, most, await counted(0)
    if tokens <= budget:
        return Fitted(turns=tuple(turns), dropped=0, tokens=tokens)
    tokens = await counted(most)
    if tokens > budget:
        raise PromptTooLong(tokens=tokens, budget=budget)
    while low + 1 < high:
        middle = (low + high) // 2
        if (found := await counted(middle)) > budget:
            low = middle
        else:
            high, tokens = middle, found
    kept = without_oldest(turns, high)
    return Fitted(turns=kept, dropped=len(turns) - len(kept), tokens=tokens)


async def count(session: aiohttp.ClientSession, engine: Engine, request: ChatRequest) -> int:
    """Return how many tokens a prompt has, by the engine's own tokenizer where it offers it."""
    try:
        found = await ADAPTERS[engine.kind].count(session, engine, request)
    except (KeyError, TypeError, ValueError) as error:
        raise EngineBroken("The engine's count of the prompt is not what it should be.") from error
    # An engine that cannot count: three bytes a token is a cautious guess for most languages.
    return upper_bound(engine, request) // 3 if found is None else found
