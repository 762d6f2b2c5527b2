"""Ollama: `/api/show` and `/api/ps`; an effort only for models that it knows to think; no top_k."""

from __future__ import annotations

import re
from typing import Any

import aiohttp

from inference.adapters.adapter import Card, Found
from inference.adapters.openai import OpenAI, spoken_effort
from inference.engine import Capabilities, Engine, Kind
from inference.inquiry import look
from inference.messages import messages_of
from inference.request import ChatRequest

# What it takes on a machine with less than 24 GiB of GPU memory; more is told once the model is loaded.
DEFAULT_CONTEXT = 4096


class Ollama(OpenAI):
    kind = Kind.OLLAMA
    # OLLAMA_NUM_PARALLEL's default; it cannot be asked, and what is more waits in Ollama's own queue.
    streams = 1

    async def recognizes(self, session: aiohttp.ClientSession, asked: Engine, card: Card) -> bool:
        return isinstance((await look(session, asked, asked.root_url + "/api/version")).get("version"), str)

    async def discover(self, session: aiohttp.ClientSession, asked: Engine, card: Card) -> Found:
        shown = await look(session, asked, asked.root_url + "/api/show", {"model": asked.model})
        running = await look(session, asked, asked.root_url + "/api/ps")
        version = str((await look(session, asked, asked.root_url + "/api/version")).get("version") or "")
        knows = shown.get("capabilities") or ()
        can = Capabilities(
            reasoning=asked.is_hermes or "thinking" in knows,
            tools="tools" in knows,
            schema=True,
            effort="thinking" in knows,
        )
        return Found(
            context_length=_running_context(running, asked.model) or _context(shown),
            capabilities=can,
            version=version,
            template=str(shown.get("template") or ""),
        )

    def messages(self, engine: Engine, request: ChatRequest) -> list[dict[str, Any]]:
        return messages_of(engine, request, thoughts_apart=engine.capabilities.effort)

    def own(self, engine: Engine, request: ChatRequest) -> dict[str, Any]:
        return {"reasoning_effort": spoken_effort(request)} if engine.capabilities.effort else {}


def _running_context(running: dict[str, Any], model: str) -> int:
    """Return the context of the loaded model: the one that holds."""
    for one in running.get("models") or ():
        if model in (one.get("model"), one.get("name"), str(one.get("name")).removesuffix(":latest")):
            return int(one.get("context_length") or 0)
    return 0


def _context(shown: dict[str, Any]) -> int:
    """Return the context that the model will be loaded with: its own setting or the default, at most its own."""
    known = shown.get("model_info") or {}
    most = int(known.get(f"{known.get('general.architecture')}.context_length") or DEFAULT_CONTEXT)
    chosen = re.search(r"^num_ctx\s+(\d+)", str(shown.get("parameters") or ""), re.MULTILINE)
    return min(most, int(chosen[1]) if chosen else DEFAULT_CONTEXT)
