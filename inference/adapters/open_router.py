"""OpenRouter: the `reasoning` object, and capabilities in the model's card. Whoever uses it sends prompts away."""

from __future__ import annotations

from typing import Any

import aiohttp

from inference.adapters.adapter import Card, Found
from inference.adapters.openai import OpenAI
from inference.engine import Capabilities, Engine, Kind
from inference.messages import messages_of
from inference.request import ChatRequest


class OpenRouter(OpenAI):
    kind = Kind.OPEN_ROUTER
    sampler = OpenAI.sampler | {"top_k": "top_k", "min_p": "min_p", "repetition_penalty": "repetition_penalty"}

    async def recognizes(self, session: aiohttp.ClientSession, asked: Engine, card: Card) -> bool:
        return "supported_parameters" in card

    async def discover(self, session: aiohttp.ClientSession, asked: Engine, card: Card) -> Found:
        knows = card.get("supported_parameters") or ()
        can = Capabilities(
            reasoning="reasoning" in knows,
            tools="tools" in knows,
            schema="response_format" in knows or "structured_outputs" in knows,
            effort="reasoning" in knows,
        )
        served = (card.get("top_provider") or {}).get("context_length")
        return Found(context_length=int(served or card.get("context_length") or 0), capabilities=can)

    def messages(self, engine: Engine, request: ChatRequest) -> list[dict[str, Any]]:
        return messages_of(engine, request, thoughts_apart=True)

    def own(self, engine: Engine, request: ChatRequest) -> dict[str, Any]:
        if not engine.capabilities.effort:
            return {}
        thinks = request.thinking and not request.thought_is_over
        budget = {"max_tokens": request.thinking_budget} if thinks and request.thinking_budget is not None else {}
        return {"reasoning": {"enabled": thinks, **budget}}
