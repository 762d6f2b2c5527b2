"""Find out what an engine is, and that it is there."""

from __future__ import annotations

from typing import Any

import aiohttp

from inference.engine import Engine, Kind
from inference.errors import EngineBroken, ModelMissing
from inference.inquiry import ask

SECONDS = 5.0
CONTEXT_UNKNOWN = 8192
STREAMS = {Kind.VLLM: 256, Kind.LLAMA_CPP: 4, Kind.OPENAI: 64}


async def discover(
    session: aiohttp.ClientSession,
    *,
    base_url: str,
    api_key: str = "",
    model: str | None = None,
    context_length: int | None = None,
    streams: int | None = None,
) -> Engine:
    """Ask an engine what it is. What the caller knows already wins. Raises InferenceError."""
    asked = Engine(base_url=base_url, model=model or "", api_key=api_key)
    models = await ask(session, asked, asked.base_url + "/models", seconds=SECONDS)
    try:
        card = _card(models.get("data") or [], model)
        kind, slots, found = await _kind(session, asked, card)
    except (AttributeError, TypeError, ValueError) as error:
        raise EngineBroken("What the engine says of itself is not what it should be.") from error
    return Engine(
        base_url=base_url,
        model=model or str(card.get("id", "")),
        api_key=api_key,
        kind=kind,
        context_length=context_length or found or CONTEXT_UNKNOWN,
        streams=streams or slots or STREAMS[kind],
    )


def _card(models: list[dict[str, Any]], model: str | None) -> dict[str, Any]:
    for card in models:
        if model is None or card.get("id") == model:
            return card
    raise ModelMissing(f"The engine has no model named {model}." if model else "The engine has no models.")


async def _kind(
    session: aiohttp.ClientSession, asked: Engine, card: dict[str, Any]
) -> tuple[Kind, int | None, int | None]:
    """Return what kind of server it is, its parallel slots and its context, as far as it tells."""
    if card.get("max_model_len"):
        return Kind.VLLM, None, int(card["max_model_len"])
    if card.get("owned_by") == "llamacpp" or "meta" in card:
        properties = await ask(session, asked, asked.root_url + "/props", seconds=SECONDS)
        settings = properties.get("default_generation_settings") or {}
        return Kind.LLAMA_CPP, int(properties.get("total_slots") or 0), int(settings.get("n_ctx") or 0)
    return Kind.OPENAI, None, None
