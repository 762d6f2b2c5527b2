"""Fit a conversation into a model's context: the oldest turns are left out first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inference.request import ChatTurn


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """Turns that fit; `dropped` messages were left out; `tokens` is an upper bound of what is sent."""

    turns: tuple[ChatTurn, ...]
    dropped: int
    tokens: int


def without_oldest(turns: Sequence[ChatTurn], count: int) -> tuple[ChatTurn, ...]:
    """Return the system messages and everything but the `count` oldest exchanges."""
    system = [turn for turn in turns if turn.role == "system"]
    rest = [turn for turn in turns if turn.role != "system"]
    starts = [index for index, turn in enumerate(rest) if turn.role == "user"]
    if count <= 0 or not starts:
        return tuple(turns)
    return (*system, *rest[starts[min(count, len(starts) - 1)] :])


def exchanges(turns: Sequence[ChatTurn]) -> int:
    """Return how many exchanges may be left out: all but the last."""
    return max(0, sum(turn.role == "user" for turn in turns) - 1)
