"""From a branch of messages to what the engine is asked."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from chat.models import Message

SYSTEM = "You are Hermes, a helpful assistant. Answer in Markdown when structure helps."

TRIMMED_CODE = "history-trimmed"
TRIMMED = "This conversation is longer than the model can read at once: its oldest {count} messages were left out."

# One statement, however long the conversation is: this is on the way to the first token.
HISTORY = """
WITH RECURSIVE branch(id, parent_id, role, parts, depth) AS (
    SELECT id, parent_id, role, parts, 0 FROM chat_message
    WHERE id = %s AND conversation_id = %s AND release = %s
    UNION ALL
    SELECT message.id, message.parent_id, message.role, message.parts, branch.depth + 1
    FROM chat_message AS message JOIN branch ON message.id = branch.parent_id
    WHERE message.release = %s
)
SELECT role, parts FROM branch ORDER BY depth DESC
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message as the engine reads it."""

    role: str
    content: str


def history_of(conversation_id: uuid.UUID, prompt_id: uuid.UUID) -> list[Turn]:
    """Return the system message and the branch that ends in a prompt.

    Earlier reasoning is not sent back; answers that showed nothing are left out.
    """
    released = Message.Release.RELEASED
    with connection.cursor() as cursor:
        cursor.execute(HISTORY, [prompt_id, conversation_id, released, released])
        rows = cursor.fetchall()
    turns = [Turn(role=role, content=spoken(json.loads(parts))) for role, parts in rows]
    return [Turn(role="system", content=SYSTEM), *(turn for turn in turns if turn.content.strip())]


def spoken(parts: Sequence[dict[str, Any]]) -> str:
    """Return the text of a message without reasoning and notices."""
    return "".join(part["text"] for part in parts if part["type"] == "text")
