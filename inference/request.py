"""What an engine is asked: a body built from an allowlist, never forwarded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inference.controls import defuse
from inference.engine import Engine, Kind
from inference.sampling import HERMES, Sampling


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledTool:
    """A call that the model made in an earlier turn. `arguments` is JSON text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatTurn:
    """One message: role is system, user, assistant or tool.

    `reasoning` is what an assistant thought before its content. It is sent back when the request keeps reasoning,
    and always for the last turn of a request that goes on.
    """

    role: str
    content: str
    reasoning: str = ""
    calls: tuple[CalledTool, ...] = ()
    call_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFormat:
    """What the answer must be: a JSON object, or JSON that fits `schema` when there is one."""

    schema: Mapping[str, Any] | None = None
    name: str = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """A chat to be answered. When its last turn is the assistant's, the answer goes on from there.

    `thinking_budget` counts tokens; None means none. `cache_salt` parts the prefix caches of organizations;
    lower `priority` comes sooner; `id` is ours and goes out as X-Request-Id.
    """

    messages: tuple[ChatTurn, ...]
    max_tokens: int
    sampling: Sampling = HERMES
    thinking: bool = False
    thinking_budget: int | None = None
    keep_reasoning: bool = False
    tools: tuple[Mapping[str, Any], ...] = ()
    response_format: ResponseFormat | None = None
    cache_salt: str = ""
    priority: int = 0
    id: str = ""

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
        "temperature": request.sampling.temperature,
        "top_p": request.sampling.top_p,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.goes_on and engine.kind is Kind.VLLM:
        # llama.cpp takes a trailing assistant message as the beginning of the answer by itself.
        body |= {"continue_final_message": True, "add_generation_prompt": False}
    return body
