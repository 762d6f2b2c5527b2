"""Count tokens: by the engine where it can, else by an upper bound."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import aiohttp

from inference.context import Fitted, exchanges, without_oldest
from inference.engine import Engine, Kind
from inference.errors import EngineBroken, PromptTooLong
from inference.inquiry import ask
from inference.request import ChatTurn, messages_of
from inference.usage import Usage

# Role, separators and the like, per message, generously.
OVERHEAD = 16
SECONDS = 10.0


def estimate(text: str) -> int:
    """Return about how many tokens a text has: four bytes each, the usual rule for byte-pair encodings."""
    return (len(text.encode(errors="replace")) + 3) // 4


def estimated_usage(*, prompt: Iterable[str], answer: str, reasoning: str) -> Usage:
    """Return about what a call cost whose engine did not come to tell."""
    return Usage(
        prompt=sum(map(estimate, prompt)), answer=estimate(answer), reasoning=estimate(reasoning), estimated=True
    )


def upper_bound(turns: Sequence[ChatTurn]) -> int:
    """Return more tokens than the turns can have: a byte-level tokenizer never makes more than one per byte."""
    return sum(len(turn["content"].encode(errors="replace")) + OVERHEAD for turn in messages_of(turns))


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
    messages = messages_of(turns)
    try:
        if engine.kind is Kind.VLLM:
            asked = {"model": engine.model, "messages": messages}
            return int((await ask(session, engine, engine.root_url + "/tokenize", asked, seconds=SECONDS))["count"])
        if engine.kind is Kind.LLAMA_CPP:
            template = engine.root_url + "/apply-template"
            prompt = await ask(session, engine, template, {"messages": messages}, seconds=SECONDS)
            words = {"content": prompt["prompt"], "add_special": True, "parse_special": True}
            return len((await ask(session, engine, engine.root_url + "/tokenize", words, seconds=SECONDS))["tokens"])
    except (KeyError, TypeError, ValueError) as error:
        raise EngineBroken("The engine's count of the prompt is not what it should be.") from error
    # An engine that cannot count: three bytes a token is a cautious guess for most languages.
    return upper_bound(turns) // 3
