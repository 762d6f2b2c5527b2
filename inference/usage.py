"""What a call cost, as the engine tells it or as it is estimated."""

from __future__ import annotations

from dataclasses import dataclass
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


def usage_of(told: Any, *, answer: int, reasoning: int) -> Usage:
    """Read an engine's usage block; `answer` and `reasoning` are the chunks that came. Raises EngineBroken.

    Without a usage block a chunk is taken for a token, which is what engines send.
    """
    if not told:
        return Usage(answer=answer, reasoning=reasoning, estimated=True)
    try:
        completion = _tokens(told.get("completion_tokens"))
        thought = (told.get("completion_tokens_details") or {}).get("reasoning_tokens")
        # Numbers of a stranger: a part is never more than its whole.
        thought = min(completion, reasoning if thought is None else _tokens(thought))
        return Usage(
            prompt=_tokens(told.get("prompt_tokens")),
            cached=_tokens((told.get("prompt_tokens_details") or {}).get("cached_tokens")),
            answer=completion - thought,
            reasoning=thought,
        )
    except (AttributeError, TypeError, ValueError) as error:
        raise EngineBroken("The engine's usage is not what it should be.") from error


def _tokens(told: Any) -> int:
    return min(max(int(told or 0), 0), MOST_TOKENS)
