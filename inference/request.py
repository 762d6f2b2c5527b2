"""What an engine is asked: a body built from an allowlist, never forwarded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inference.controls import defuse
from inference.engine import Engine, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatTurn:
    """One message: role is system, user or assistant."""

    role: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """A chat to be answered. When its last turn is the assistant's, the answer goes on from there."""

    messages: tuple[ChatTurn, ...]
    max_tokens: int
    temperature: float = 0.6
    top_p: float = 0.95

    @property
    def goes_on(self) -> bool:
        return self.messages[-1].role == "assistant"


def messages_of(turns: Sequence[ChatTurn]) -> list[dict[str, str]]:
    """Return the messages as sent: control tokens in them are defused here and only here."""
    return [{"role": turn.role, "content": defuse(turn.content)} for turn in turns]


def body_of(engine: Engine, request: ChatRequest) -> dict[str, Any]:
    """Return the body of a streamed chat completion."""
    body: dict[str, Any] = {
        "model": engine.model,
        "messages": messages_of(request.messages),
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.goes_on and engine.kind is Kind.VLLM:
        # llama.cpp takes a trailing assistant message as the beginning of the answer by itself.
        body |= {"continue_final_message": True, "add_generation_prompt": False}
    return body
