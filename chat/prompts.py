"""From a branch of messages to what the engine is asked."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection

from chat.models import Message
from inference.request import CalledTool, ChatTurn

INTRODUCTION = "You are Hermes, a helpful assistant."
MARKDOWN = "Answer in Markdown when structure helps."

TRIMMED_CODE = "history-trimmed"
TRIMMED = "This conversation is longer than the model can read at once: its oldest {count} messages were left out."
NOT_RUN = "This tool was not run."
SPOKEN = ("text", "json")

# One statement, however long the conversation is: this is on the way to the first token.
HISTORY = """
WITH RECURSIVE branch(id, parent_id, role, parts, release, depth) AS (
    SELECT id, parent_id, role, parts, release, 0 FROM chat_message WHERE id = %s AND conversation_id = %s
    UNION ALL
    SELECT message.id, message.parent_id, message.role, message.parts, message.release, branch.depth + 1
    FROM chat_message AS message JOIN branch ON message.id = branch.parent_id
)
SELECT role, parts FROM branch WHERE depth = 0 OR release = %s ORDER BY depth DESC
"""


def history_of(conversation_id: uuid.UUID, prompt_id: uuid.UUID) -> list[ChatTurn]:
    """Return the branch that ends in a prompt, whether that one is released yet or not.

    Answers that showed nothing are left out, and prompts that were never released.
    """
    with connection.cursor() as cursor:
        cursor.execute(HISTORY, [prompt_id, conversation_id, Message.Release.RELEASED])
        rows = cursor.fetchall()
    return [turn for role, parts in rows for turn in turns_of(role, json.loads(parts))]


def turns_of(role: str, parts: Sequence[dict[str, Any]]) -> Iterator[ChatTurn]:
    """Yield a message as the engine reads it; a tool's call is followed by what came of it."""
    content = spoken(parts)
    calls = tuple(_call(part) for part in parts if part["type"] == "tool_call" and not part.get("problem"))
    if not content.strip() and not calls:
        return
    reasoning = "".join(part["text"] for part in parts if part["type"] == "reasoning")
    yield ChatTurn(role=role, content=content, reasoning=reasoning, calls=calls)
    for call in calls:
        yield ChatTurn(role="tool", content=NOT_RUN, call_id=call.id)


def without_calls(turns: Sequence[ChatTurn]) -> list[ChatTurn]:
    """Return a history for a model that has no tools now."""
    return [
        ChatTurn(role=turn.role, content=turn.content, reasoning=turn.reasoning)
        for turn in turns
        if turn.role != "tool" and turn.content.strip()
    ]


def spoken(parts: Sequence[dict[str, Any]]) -> str:
    """Return the text of a message without reasoning, tools and notices."""
    return "".join(part["text"] for part in parts if part["type"] in SPOKEN)


def _call(part: dict[str, Any]) -> CalledTool:
    return CalledTool(id=part["id"], name=part["name"], arguments=part["text"])
