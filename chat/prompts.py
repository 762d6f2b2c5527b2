"""From a branch of messages to what the engine is asked."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chat.models import Message
from chat.queries import branch_to

SYSTEM = "You are Hermes, a helpful assistant. Answer in Markdown when structure helps."

TRIMMED = "This conversation is longer than the model can read at once: its oldest {count} messages were left out."


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message as the engine reads it."""

    role: str
    content: str


def history_of(conversation_id: uuid.UUID, prompt_id: uuid.UUID) -> list[Turn]:
    """Return the system message and the branch that ends in a prompt.

    Earlier reasoning is not sent back; answers that showed nothing are left out together with their empty turn.
    """
    branch = branch_to(conversation_id, prompt_id)
    turns = [Turn(role=message.role, content=spoken(message.parts)) for message in branch if _counts(message)]
    return [Turn(role="system", content=SYSTEM), *turns]


def spoken(parts: Sequence[dict[str, Any]]) -> str:
    """Return the text of a message without reasoning and notices."""
    return "".join(part["text"] for part in parts if part["type"] == "text")


def _counts(message: Message) -> bool:
    return message.release == Message.Release.RELEASED and bool(spoken(message.parts).strip())
