"""llama.cpp's server: `/props`, a schema beside the type, its own name for the repetition penalty."""

from __future__ import annotations

from typing import Any

import aiohttp

from inference.adapters.adapter import Card, Found
from inference.adapters.openai import OpenAI, thinking_kwargs
from inference.engine import Capabilities, Engine, Kind
from inference.inquiry import ask, look
from inference.messages import messages_of, tools_of
from inference.request import ChatRequest, ResponseFormat

COUNT_SECONDS = 10.0


class LlamaCpp(OpenAI):
    kind = Kind.LLAMA_CPP
    streams = 4
    sampler = OpenAI.sampler | {"top_k": "top_k", "min_p": "min_p", "repetition_penalty": "repeat_penalty"}

    async def recognizes(self, session: aiohttp.ClientSession, asked: Engine, card: Card) -> bool:
        return card.get("owned_by") == "llamacpp" or "meta" in card

    async def discover(self, session: aiohttp.ClientSession, asked: Engine, card: Card) -> Found:
        told = await look(session, asked, asked.root_url + "/props")
        template = str(told.get("chat_template") or "")
        knows = told.get("chat_template_caps") or {}
        can = Capabilities(
            reasoning=asked.is_hermes or "<think>" in template,
            tools=bool(knows.get("supports_tools", "tools" in template)),
            schema=True,
            prefill=True,
        )
        return Found(
            # What was trained is more than a slot has; it is only believed where nothing else is told.
            context_length=int((told.get("default_generation_settings") or {}).get("n_ctx") or _of_card(card)),
            streams=int(told.get("total_slots") or 0),
            capabilities=can,
            version=str(told.get("build_info") or ""),
            template=template,
        )

    def constrains(self, request: ChatRequest) -> bool:
        # The grammar holds from the first token, that of what is gone on with included: there could be no thought.
        return not request.thinking and not (request.goes_on and request.messages[-1].reasoning)

    def format(self, wanted: ResponseFormat) -> dict[str, Any]:
        # The schema goes beside the type: {"type": "json_schema", "schema": …} is documented, and ignored.
        return {"type": "json_object", "schema": dict(wanted.schema)} if wanted.schema else {"type": "json_object"}

    def own(self, engine: Engine, request: ChatRequest) -> dict[str, Any]:
        return {"chat_template_kwargs": _template_kwargs(engine, request)}

    async def count(self, session: aiohttp.ClientSession, engine: Engine, request: ChatRequest) -> int | None:
        asked: dict[str, Any] = {
            "messages": messages_of(engine, request),
            "chat_template_kwargs": _template_kwargs(engine, request),
        }
        if request.tools and engine.capabilities.tools:
            asked["tools"] = tools_of(request)
        url = engine.root_url + "/apply-template"
        prompt = (await ask(session, engine, url, asked, seconds=COUNT_SECONDS))["prompt"]
        words = {"content": prompt, "add_special": True, "parse_special": True}
        found = await ask(session, engine, engine.root_url + "/tokenize", words, seconds=COUNT_SECONDS)
        return len(found["tokens"])


def _template_kwargs(engine: Engine, request: ChatRequest) -> dict[str, bool]:
    kwargs = thinking_kwargs(engine, request)
    # It refuses to go on from an answer where the template itself may open a thought.
    return kwargs | {"enable_thinking": False} if request.goes_on else kwargs


def _of_card(card: Card) -> int:
    meta = card.get("meta") or {}
    return int(meta.get("n_ctx") or meta.get("n_ctx_train") or 0)
