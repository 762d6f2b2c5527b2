"""Count tokens: by the engine where it can, else by an upper bound."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import aiohttp
import orjson

from inference.context import Fitted, exchanges, without_oldest
from inference.engine import Engine, Kind
from inference.errors import EngineUnreachable, PromptTooLong
from inference.request import ChatRequest, ChatTurn, messages_of

# Role, separators and the like, per message, generously.
OVERHEAD = 16
SECONDS = 10.0


def estimate(text: str) -> int:
    """Return about how many tokens a text has: four bytes each, the usual rule for byte-pair encodings."""
    return (len(text.encode(errors="replace")) + 3) // 4


def upper_bound(turns: Sequence[ChatTurn]) -> int:
    """Return more tokens than the turns can have: a byte-level tokenizer never makes more than one per byte."""
    defused = messages_of(ChatRequest(messages=tuple(turns), max_tokens=1))
    return sum(len(turn["content"].encode(errors="replace")) + OVERHEAD for turn in defused)


async def fit_to_engine(
    session: aiohttp.ClientSession, engine: Engine, turns: Sequence[ChatTurn], *, budget: int
) -> Fitted:
    """Leave out as few of the oldest exchanges as the budget (tokens) demands.

    Short conversations are not counted at all. Raises PromptTooLong when the last message alone does not fit.
    """
    bound = upper_bound(turns)
    if bound <= budget:
        return Fitted(turns=tuple(turns), dropped=0, tokens=bound)
    most = exchanges(turns)
    low, high, tokens = 0, most, await count(session, engine, turns)
    if tokens > budget:
        tokens = await count(session, engine, without_oldest(turns, most))
        if tokens > budget:
            raise PromptTooLong(tokens=tokens, budget=budget)
        while low + 1 < high:
            middle = (low + high) // 2
            counted = await count(session, engine, without_oldest(turns, middle))
            if counted > budget:
                low = middle
            else:
                high, tokens = middle, counted
        kept = without_oldest(turns, high)
        return Fitted(turns=kept, dropped=len(turns) - len(kept), tokens=tokens)
    return Fitted(turns=tuple(turns), dropped=0, tokens=tokens)


async def count(session: aiohttp.ClientSession, engine: Engine, turns: Sequence[ChatTurn]) -> int:
    """Return how many tokens the turns have, by the engine's own tokenizer where it offers it."""
    messages = messages_of(ChatRequest(messages=tuple(turns), max_tokens=1))
    if engine.kind is Kind.VLLM:
        answer = await _ask(session, engine, "/tokenize", {"model": engine.model, "messages": messages})
        return int(answer["count"])
    if engine.kind is Kind.LLAMA_CPP:
        prompt = await _ask(session, engine, "/apply-template", {"messages": messages})
        words = {"content": prompt["prompt"], "add_special": True, "parse_special": True}
        return len((await _ask(session, engine, "/tokenize", words))["tokens"])
    # An engine that cannot count: three bytes a token is a cautious guess for most languages.
    return upper_bound(turns) // 3


async def _ask(session: aiohttp.ClientSession, engine: Engine, path: str, body: dict[str, Any]) -> Any:
    try:
        async with asyncio.timeout(SECONDS):
            response = await session.post(
                engine.root_url + path,
                data=orjson.dumps(body),
                headers={**engine.headers, "Content-Type": "application/json"},
                allow_redirects=False,
            )
            response.raise_for_status()
            return orjson.loads(await response.read())
    except (aiohttp.ClientError, OSError, TimeoutError, orjson.JSONDecodeError) as error:
        raise EngineUnreachable("The engine did not count the prompt.") from error
