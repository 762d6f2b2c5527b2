"""One module for each engine, with exactly its differences from plain OpenAI."""

from __future__ import annotations

from typing import Any

from inference.adapters.adapter import Adapter
from inference.adapters.llama_cpp import LlamaCpp
from inference.adapters.lm_studio import LmStudio
from inference.adapters.ollama import Ollama
from inference.adapters.open_router import OpenRouter
from inference.adapters.openai import OpenAI
from inference.adapters.vllm import Vllm
from inference.engine import Engine, Kind
from inference.request import ChatRequest

# In the order in which a server is asked whether it is one: those that are known without asking come first.
ADAPTERS: dict[Kind, Adapter] = {
    Kind.VLLM: Vllm(),
    Kind.LLAMA_CPP: LlamaCpp(),
    Kind.OPEN_ROUTER: OpenRouter(),
    Kind.OLLAMA: Ollama(),
    Kind.LM_STUDIO: LmStudio(),
    Kind.OPENAI: OpenAI(),
}


def body_of(engine: Engine, request: ChatRequest) -> dict[str, Any]:
    """Return the body of a streamed chat, built from an allowlist. Raises RequestTooLarge."""
    return ADAPTERS[engine.kind].body(engine, request)
