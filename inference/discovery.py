"""Find out what an engine is and whether it is there."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import orjson

from inference.engine import Engine, Kind
from inference.errors import EngineBroken, EngineRefused, EngineTimeout, EngineUnreachable

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
    models = (await _get(session, asked, asked.base_url + "/models")).get("data") or []
    card = _card(models, model)
    kind, slots, found = await _kind(session, asked, card)
    return Engine(
        base_url=base_url,
        model=model or str(card.get("id", "")),
        api_key=api_key,
        kind=kind,
        context_length=context_length or found or CONTEXT_UNKNOWN,
        streams=streams or slots or STREAMS[kind],
    )


async def probe(session: aiohttp.ClientSession, engine: Engine) -> None:
    """Ask for a sign of life; raises InferenceError when there is none."""
    await _get(session, engine, engine.base_url + "/models")


def _card(models: list[dict[str, Any]], model: str | None) -> dict[str, Any]:
    if not models:
        raise EngineBroken("The engine has no models.")
    return next((card for card in models if card.get("id") == model), models[0] if model is None else {})


async def _kind(
    session: aiohttp.ClientSession, asked: Engine, card: dict[str, Any]
) -> tuple[Kind, int | None, int | None]:
    """Return what kind of server it is, its parallel slots and its context, as far as it tells."""
    if card.get("max_model_len"):
        return Kind.VLLM, None, int(card["max_model_len"])
    if card.get("owned_by") == "llamacpp" or "meta" in card:
        properties = await _get(session, asked, asked.root_url + "/props")
        settings = properties.get("default_generation_settings") or {}
        return Kind.LLAMA_CPP, int(properties.get("total_slots") or 0), int(settings.get("n_ctx") or 0)
    return Kind.OPENAI, None, None


async def _get(session: aiohttp.ClientSession, engine: Engine, url: str) -> dict[str, Any]:
    try:
        async with asyncio.timeout(SECONDS):
            response = await session.get(url, headers=engine.headers, allow_redirects=False)
            body = await response.read()
    except TimeoutError as error:
        raise EngineTimeout("connect") from error
    except (aiohttp.ClientError, OSError) as error:
        raise EngineUnreachable(str(type(error).__name__)) from error
    if 400 <= response.status < 500:
        raise EngineRefused(response.status)
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise EngineBroken("The engine does not speak JSON.") from error
    if response.status != 200 or not isinstance(answer, dict):
        raise EngineBroken(f"The engine answered with status {response.status}.")
    return answer
