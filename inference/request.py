"""What an engine is asked, in our own words. The adapters put it into each engine's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inference.sampling import HERMES, Sampling

# Answers that people wait for have priority 0; what nobody waits for comes after them inside the engine too.
BACKGROUND = 10


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
    """What the answer must be: a JSON object, or JSON that fits `schema` when there is one.

    The engine is held to it where it can be, and the model is told in the system message: nobody else needs to.
    """

    schema: Mapping[str, Any] | None = None
    name: str = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """A chat to be answered. When its last turn is the assistant's, the answer goes on from there.

    `thinking_budget` counts tokens; None means none. `cache_salt` parts the prefix caches of organizations;
    lower `priority` comes sooner; `id` is ours and goes out as X-Request-Id. A request that goes on from a thought
    without an answer goes on thinking, unless the `thought_is_over`.
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
    thought_is_over: bool = False

    @property
    def goes_on(self) -> bool:
        return self.messages[-1].role == "assistant"
