"""vLLM: variables of the chat template, a budget for the thought, a cache salt and a priority.

What it would take besides, and is never sent: n, logprobs, prompt_logprobs, echo, return_prompt_text, chat_template,
documents, kv_transfer_params, structured_outputs, vllm_xargs, include_reasoning (false would begin a grammar at the
first token), reasoning (ignored), guided_json (ignored).
"""

from __future__ import annotations

import re
from typing import Any

import aiohttp

from inference.adapters.adapter import Card, Found
from inference.adapters.openai import OpenAI, thinking_kwargs
from inference.engine import Capabilities, Engine, Kind
from inference.inquiry import ask, look
from inference.messages import messages_of, tools_of
from inference.request import ChatRequest

# The first version that is known to take a budget; older ones ignore the field.
BUDGET_SINCE = (0, 32)
# Older ones refuse a priority unless they were started with --scheduling-policy priority, as serve_model does. From
# this one on, an engine that serves in the order of arrival takes it and ignores it.
PRIORITY_SINCE = (0, 32)
COUNT_SECONDS = 10.0


class Vllm(OpenAI):
    kind = Kind.VLLM
    streams = 256
    sampler = OpenAI.sampler | {"top_k": "top_k", "min_p": "min_p", "repetition_penalty": "repetition_penalty"}

    async def recognizes(self, session: aiohttp.ClientSession, asked: Engine, card: Card) -> bool:
        return card.get("owned_by") == "vllm"

    async def discover(self, session: aiohttp.ClientSession, asked: Engine, card: Card) -> Found:
        version = str((await look(session, asked, asked.root_url + "/version")).get("version") or "")
        # Whether it was started for tools or a reasoning budget cannot be asked: serve_model does both for Hermes.
        can = Capabilities(
            reasoning=asked.is_hermes,
            tools=asked.is_hermes,
            schema=True,
            budget=_numbers(version) >= BUDGET_SINCE,
            prefill=True,
            priority=_numbers(version) >= PRIORITY_SINCE,
        )
        return Found(context_length=int(card.get("max_model_len") or 0), capabilities=can, version=version)

    def own(self, engine: Engine, request: ChatRequest) -> dict[str, Any]:
        body: dict[str, Any] = {
            "chat_template_kwargs": _template_kwargs(engine, request),
            # With every token: what a stopped answer has cost is known, and how long a thought is.
            "stream_options": {"include_usage": True, "continuous_usage_stats": True},
        }
        has_budget = request.thinking and request.thinking_budget is not None and not request.thought_is_over
        if has_budget and engine.capabilities.budget:
            body["thinking_token_budget"] = request.thinking_budget
        if request.goes_on:
            body |= {"continue_final_message": True, "add_generation_prompt": False}
        if request.cache_salt:
            body["cache_salt"] = request.cache_salt
        if request.priority and engine.capabilities.priority:
            body["priority"] = request.priority
        return body

    async def count(self, session: aiohttp.ClientSession, engine: Engine, request: ChatRequest) -> int | None:
        asked: dict[str, Any] = {
            "model": engine.model,
            "messages": messages_of(engine, request),
            "chat_template_kwargs": _template_kwargs(engine, request),
        }
        if request.tools and engine.capabilities.tools:
            asked["tools"] = tools_of(request)
        found = await ask(session, engine, engine.root_url + "/tokenize", asked, seconds=COUNT_SECONDS)
        return int(found["count"])


def _template_kwargs(engine: Engine, request: ChatRequest) -> dict[str, bool]:
    kwargs = thinking_kwargs(engine, request)
    if request.thinking and request.response_format and not request.goes_on:
        # Our templates then open the thought: a grammar begins where it ends.
        kwargs["think_first"] = True
    return kwargs


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"(\d+)\.(\d+)", version)
    return tuple(map(int, found.groups())) if found else ()
