"""What a call cost, as the engine tells it or as it is estimated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from inference.errors import EngineBroken

# The ledger holds no more; no call comes near.
MOST_TOKENS = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one call. `estimated` says that the engine did not tell."""

    prompt: int = 0
    cached: int = 0
    answer: int = 0
    reasoning: int = 0
    estimated: bool = False


def usage_of(told: Any, *, answer: int, reasoning: int, timings: Any = None) -> Usage:
    """Read an engine's usage block; `answer` and `reasoning` are the chunks that came. Raises EngineBroken.

    llama.cpp tells the same in its timings. Without either a chunk is taken for a token, which is what engines send.
    """
    try:
        told = told or _timed(timings or {})
        if not told:
            return Usage(answer=answer, reasoning=reasoning, estimated=True)
        completion = _tokens(told.get("completion_tokens"))
        thought = (told.get("completion_tokens_details") or {}).get("reasoning_tokens")
        # Numbers of a stranger: a part is never more than its whole. vLLM tells 0 of a thought that it was given.
        thought = min(completion, _tokens(thought) or _share(completion, answer=answer, reasoning=reasoning))
        return Usage(
            prompt=_tokens(told.get("prompt_tokens")),
            cached=_tokens((told.get("prompt_tokens_details") or {}).get("cached_tokens")),
            answer=completion - thought,
            reasoning=thought,
        )
    except (AttributeError, TypeError, ValueError) as error:
        raise EngineBroken("The engine's usage is not what it should be.") from error


def together(one: Usage, other: Usage) -> Usage:
    """Return what two calls cost. One estimate makes the whole an estimate."""
    return Usage(
        prompt=one.prompt + other.prompt,
        cached=one.cached + other.cached,
        answer=one.answer + other.answer,
        reasoning=one.reasoning + other.reasoning,
        estimated=one.estimated or other.estimated,
    )


def total_of(usages: Sequence[Usage]) -> Usage:
    """Return what calls cost together."""
    return reduce(together, usages[1:], usages[0]) if usages else Usage()


def _timed(timings: Any) -> dict[str, Any]:
    if not timings:
        return {}
    cached = _tokens(timings.get("cache_n"))
    return {
        "prompt_tokens": _tokens(timings.get("prompt_n")) + cached,
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens": timings.get("predicted_n"),
    }


def _share(completion: int, *, answer: int, reasoning: int) -> int:
    """Return the thought's part: its chunks, or as large a part as they are of all where a chunk has many tokens."""
    chunks = answer + reasoning
    return round(completion * reasoning / chunks) if completion > 2 * chunks > 0 else reasoning


def _tokens(told: Any) -> int:
    return min(max(int(told or 0), 0), MOST_TOKENS)
