"""What each engine's module says: how it is known, what it tells of itself, and how it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp

from inference.engine import Capabilities, Engine, Kind
from inference.request import ChatRequest

Card = Mapping[str, Any]
"""What `/v1/models` says of one model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an engine tells of itself. 0 and "" stand for what it does not tell."""

    context_length: int = 0
    streams: int = 0
    capabilities: Capabilities = Capabilities()
    version: str = ""
    template: str = ""
    """The chat template's own text."""


class Adapter(Protocol):
    """One kind of engine."""

    kind: Kind
    streams: int
    """Answers at once, where the engine does not tell."""

    async def recognizes(self, session: aiohttp.ClientSession, asked: Engine, card: Card) -> bool:
        """Say whether a server is of this kind, by its model's card or by asking it."""

    async def discover(self, session: aiohttp.ClientSession, asked: Engine, card: Card) -> Found:
        """Return what the server tells of one model. Raises InferenceError, TypeError and the like."""

    def body(self, engine: Engine, request: ChatRequest) -> dict[str, Any]:
        """Return the body of a streamed chat. Raises RequestTooLarge."""

    async def count(self, session: aiohttp.ClientSession, engine: Engine, request: ChatRequest) -> int | None:
        """Return the prompt's tokens by the engine's own count; None where it cannot count."""
