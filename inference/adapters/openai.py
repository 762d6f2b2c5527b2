"""Any OpenAI-compatible server: what OpenAI's own documents name. The others say what they do otherwise."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import aiohttp

from inference.adapters.adapter import Card, Found
from inference.caps import check_caps
from inference.engine import Capabilities, Engine, Kind
from inference.messages import messages_of, tools_of
from inference.request import ChatRequest, ResponseFormat

CONTEXT_FIELDS = ("max_model_len", "context_length", "context_window", "max_context_length")


class OpenAI:
    kind = Kind.OPENAI
    streams = 64
    # Our names of a sampler's values, and the engine's.
    sampler: ClassVar[dict[str, str]] = {
        "temperature": "temperature",
        "top_p": "top_p",
        "frequency_penalty": "frequency_penalty",
        "presence_penalty": "presence_penalty",
        "seed": "seed",
    }

    async def recognizes(self, session: aiohttp.ClientSession, asked: Engine, card: Card) -> bool:
        return True

    async def discover(self, session: aiohttp.ClientSession, asked: Engine, card: Card) -> Found:
        context = next((int(card[name]) for name in CONTEXT_FIELDS if card.get(name)), 0)
        can = Capabilities(reasoning=asked.is_hermes, tools=True, schema=True)
        return Found(context_length=context, capabilities=can)

    def body(self, engine: Engine, request: ChatRequest) -> dict[str, Any]:
        check_caps(request)
        return self.common(engine, request) | self.own(engine, request)

    async def count(self, session: aiohttp.ClientSession, engine: Engine, request: ChatRequest) -> int | None:
        return None

    def common(self, engine: Engine, request: ChatRequest) -> dict[str, Any]:
        """Return what every engine is sent."""
        chosen = {theirs: getattr(request.sampling, ours) for ours, theirs in self.sampler.items()}
        body: dict[str, Any] = {
            "model": engine.model,
            "messages": self.messages(engine, request),
            "max_tokens": request.max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
            **{name: value for name, value in chosen.items() if value is not None},
        }
        if request.sampling.stop:
            body["stop"] = list(request.sampling.stop)
        if request.tools and engine.capabilities.tools:
            body["tools"] = tools_of(request)
        if request.response_format and engine.capabilities.schema and self.constrains(request):
            body["response_format"] = self.format(request.response_format)
        return body

    def messages(self, engine: Engine, request: ChatRequest) -> list[dict[str, Any]]:
        """Return the messages as this engine takes them."""
        return messages_of(engine, request)

    def constrains(self, request: ChatRequest) -> bool:
        """Say whether the engine may be held to a format in this request."""
        return True

    def format(self, wanted: ResponseFormat) -> dict[str, Any]:
        """Return the format in the engine's shape."""
        return nested_format(wanted) if wanted.schema else {"type": "json_object"}

    def own(self, engine: Engine, request: ChatRequest) -> dict[str, Any]:
        """Return what only this engine is sent."""
        return {}


def nested_format(wanted: ResponseFormat) -> dict[str, Any]:
    """Return OpenAI's shape of a schema."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", wanted.name)[:64] or "answer"
    schema = dict(wanted.schema or {"type": "object"})
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}}


def thinking_kwargs(engine: Engine, request: ChatRequest) -> dict[str, bool]:
    """Return Hermes' and others' variables of a chat template.

    Hermes' own template cuts earlier answers at `</think>`, and fails where there is none, unless it is to keep them.
    """
    keeps = {"keep_cots": True} if request.thinking or request.keep_reasoning else {}
    return {"thinking": request.thinking, "enable_thinking": request.thinking, **keeps}


def spoken_effort(request: ChatRequest) -> str:
    """Return the name that engines with an effort of their own have for a budget."""
    if not request.thinking or request.thought_is_over:
        return "none"
    budget = request.thinking_budget
    if budget is None:
        return "high"
    return "low" if budget <= 1024 else "medium" if budget <= 4096 else "high"
