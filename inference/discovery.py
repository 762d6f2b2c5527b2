"""Find out what an engine is, and that it is there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import aiohttp

from inference.adapters import ADAPTERS
from inference.adapters.adapter import Card, Found
from inference.engine import Capabilities, Engine, Kind, PromptFormat
from inference.errors import EngineBroken, ModelMissing
from inference.inquiry import ask

SECONDS = 5.0
CONTEXT_UNKNOWN = 8192
CORRECTABLE = ("reasoning", "tools", "schema")


async def discover(
    session: aiohttp.ClientSession,
    *,
    base_url: str,
    api_key: str = "",
    model: str | None = None,
    kind: Kind | None = None,
    prompt_format: PromptFormat = PromptFormat.UNKNOWN,
    declared: Mapping[str, Any] | None = None,
    context_length: int | None = None,
    streams: int | None = None,
) -> Engine:
    """Ask an engine what it is. What the caller knows already wins.

    `declared` corrects context_length, reasoning, tools and schema. Raises InferenceError.
    """
    asked = Engine(base_url=base_url, model=model or "", api_key=api_key, prompt_format=prompt_format)
    models = await ask(session, asked, asked.base_url + "/models", seconds=SECONDS)
    corrections = declared or {}
    try:
        card = _card(models.get("data") or [], model)
        asked = replace(asked, model=model or str(card["id"]))
        kind = kind or await _kind(session, asked, card)
        found = await ADAPTERS[kind].discover(session, asked, card)
        wanted_context = context_length or corrections.get("context_length")
        return replace(
            asked,
            kind=kind,
            context_length=int(wanted_context or found.context_length or CONTEXT_UNKNOWN),
            streams=streams or found.streams or ADAPTERS[kind].streams,
            prompt_format=prompt_format or _format(asked, found),
            capabilities=_corrected(found.capabilities, corrections),
            version=found.version[:60],
            template=hashlib.sha256(found.template.encode(errors="replace")).hexdigest() if found.template else "",
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise EngineBroken("What the engine says of itself is not what it should be.") from error


def _card(models: list[dict[str, Any]], model: str | None) -> Card:
    for card in models:
        name = str(card.get("id"))
        # LM Studio lists models that do not chat; Ollama names the newest of a name by a tag.
        if model in (name, name.removesuffix(":latest")) or (model is None and not name.startswith("text-embedding")):
            return card
    raise ModelMissing(f"The engine has no model named {model}." if model else "The engine has no models.")


async def _kind(session: aiohttp.ClientSession, asked: Engine, card: Card) -> Kind:
    for kind, adapter in ADAPTERS.items():
        if await adapter.recognizes(session, asked, card):
            return kind
    return Kind.OPENAI


def _format(asked: Engine, found: Found) -> PromptFormat:
    """Return a Hermes' prompt format, where its template shows it."""
    if asked.is_hermes and "<|im_start|>" in found.template:
        return PromptFormat.CHATML
    if asked.is_hermes and "<|start_header_id|>" in found.template:
        return PromptFormat.LLAMA3
    return PromptFormat.UNKNOWN


def _corrected(found: Capabilities, declared: Mapping[str, Any]) -> Capabilities:
    wanted = {name: bool(declared[name]) for name in CORRECTABLE if declared.get(name) is not None}
    return replace(found, **wanted)
