"""The engine that is checked, and how every check asks it: as the product does."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from inference.check.answer import Answer, collected
from inference.check.questions import Questions
from inference.engine import Deadlines, Engine
from inference.events import Event
from inference.request import ChatRequest, ChatTurn
from inference.stream import stream_chat
from inference.thinking import answer_within

SHORT = 512
LONG = 4096


def _salt() -> str:
    return f"check-{uuid.uuid4().hex}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """`salt` keeps what is asked here out of the caches of organizations."""

    session: aiohttp.ClientSession
    engine: Engine
    questions: Questions = Questions()
    deadlines: Deadlines = Deadlines()
    salt: str = field(default_factory=_salt)

    @property
    def long(self) -> int:
        """How many tokens an answer may have that is thought about."""
        return min(LONG, self.engine.context_length // 2, self.engine.longest_answer)

    def request(self, *turns: ChatTurn | str, **more: Any) -> ChatRequest:
        """Return a request; a text is the user's turn."""
        messages = tuple(ChatTurn(role="user", content=one) if isinstance(one, str) else one for one in turns)
        short = min(SHORT, self.long)
        return ChatRequest(messages=messages, **{"max_tokens": short, "cache_salt": self.salt, **more})

    def stream(self, request: ChatRequest) -> AsyncGenerator[Event, None]:
        """Ask as the product asks."""
        return answer_within(self.session, self.engine, request, self.deadlines)

    async def ask(self, request: ChatRequest) -> Answer:
        """Return the answer. Raises InferenceError, Leaked."""
        return await collected(self.stream(request))

    async def ask_once(self, request: ChatRequest) -> Answer:
        """Return what a single call brings, without our own help. Raises InferenceError, Leaked."""
        return await collected(stream_chat(self.session, self.engine, request, self.deadlines))
