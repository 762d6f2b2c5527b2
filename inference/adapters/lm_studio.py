"""LM Studio: its own list of models, JSON only by schema, and Hermes' template as it was published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp

from inference.adapters.adapter import Card, Found
from inference.adapters.openai import OpenAI, nested_format, spoken_effort
from inference.engine import Capabilities, Engine, Kind
from inference.inquiry import look
from inference.request import ChatRequest, ResponseFormat

# What it loads a model with that nobody has set up.
DEFAULT_CONTEXT = 4096


class LmStudio(OpenAI):
    kind = Kind.LM_STUDIO
    streams = 4
    sampler = OpenAI.sampler | {"top_k": "top_k", "min_p": "min_p", "repetition_penalty": "repeat_penalty"}

    async def recognizes(self, session: aiohttp.ClientSession, asked: Engine, card: Card) -> bool:
        return bool(_models(await look(session, asked, asked.root_url + "/api/v1/models")))

    async def discover(self, session: aiohttp.ClientSession, asked: Engine, card: Card) -> Found:
        listed = _models(await look(session, asked, asked.root_url + "/api/v1/models"))
        own = next((one for one in listed if asked.model in _names(one)), {})
        loaded = (own.get("loaded_instances") or [{}])[0].get("config") or {}
        knows = own.get("capabilities") or {}
        can = Capabilities(
            reasoning=asked.is_hermes or bool(knows.get("reasoning")),
            tools=asked.is_hermes or bool(knows.get("trained_for_tool_use")),
            schema=True,
            # A Hermes 4 is told by its system message; its published template fails on what an effort sets.
            effort=bool(knows.get("reasoning")) and not asked.is_hermes,
        )
        most = int(own.get("max_context_length") or DEFAULT_CONTEXT)
        return Found(
            context_length=int(loaded.get("context_length") or min(most, DEFAULT_CONTEXT)),
            streams=int(loaded.get("parallel") or 0),
            capabilities=can,
        )

    def constrains(self, request: ChatRequest) -> bool:
        # The grammar holds from the first token: there could be no thought.
        return not request.thinking

    def format(self, wanted: ResponseFormat) -> dict[str, Any]:
        # It does not know json_object.
        return nested_format(wanted)

    def own(self, engine: Engine, request: ChatRequest) -> dict[str, Any]:
        body: dict[str, Any] = {"reasoning_effort": spoken_effort(request)} if engine.capabilities.effort else {}
        if engine.is_hermes and (request.thinking or request.keep_reasoning):
            body["chat_template_kwargs"] = {"keep_cots": True}
        return body


def _models(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    listed = told.get("models")
    # llama.cpp and Ollama have lists of that name too, of other things.
    return [one for one in listed if isinstance(one, dict) and "key" in one] if isinstance(listed, list) else []


def _names(one: dict[str, Any]) -> list[Any]:
    return [one.get("key"), *(loaded.get("id") for loaded in one.get("loaded_instances") or ())]
