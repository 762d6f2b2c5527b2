"""A conversation as a person takes it with them: as JSON, whole, and as Markdown, the branch that is shown.

No input or output here. Only what was released is in it; of what was withheld, that it was.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from chat.models import Conversation, Message
from chat.released import released
from chat.transcript import Part
from chat.visibility import Sight

FORMAT = "hermes-web/conversation/1"
NAMES = {Message.Role.USER: "You", Message.Role.ASSISTANT: "Hermes"}
# What a file's name may hold on every system.
UNSAFE = re.compile(r"[^\w-]+")
NAME_CHARACTERS = 50


def file_name(conversation: Conversation) -> str:
    """Return a name that sorts by day and is unique, without an ending."""
    words = UNSAFE.sub("-", conversation.title).strip("-")[:NAME_CHARACTERS].strip("-") or "conversation"
    return f"{conversation.created_at:%Y-%m-%d}-{words}-{conversation.id.hex[:8]}"


def as_json(conversation: Conversation, messages: Sequence[Message], sight: Sight) -> str:
    """Return everything that was said in a conversation, in every branch, oldest first."""
    facts = {
        "format": FORMAT,
        "id": str(conversation.id),
        "title": conversation.title,
        "created": conversation.created_at.isoformat(),
        "updated": conversation.updated_at.isoformat(),
        "shown": str(conversation.head_id) if conversation.head_id else None,
        "messages": [_facts(one, sight) for one in messages],
    }
    return orjson.dumps(facts, option=orjson.OPT_INDENT_2).decode()


def as_markdown(conversation: Conversation, messages: Sequence[Message], sight: Sight) -> str:
    """Return the branch that is shown, for people to read."""
    blocks = [f"# {conversation.title or 'Conversation'}", f"Begun {conversation.created_at:%d %B %Y, %H:%M} UTC"]
    for one in branch(messages, conversation.head_id):
        blocks.append(f"## {NAMES[Message.Role(one.role)]}")
        blocks += [words for part in released(one, sight) if (words := _words(part))]
    return "\n\n".join(blocks) + "\n"


def branch(messages: Sequence[Message], head: uuid.UUID | None) -> list[Message]:
    """Return the messages from the first to the head."""
    known: dict[uuid.UUID | None, Message] = {one.id: one for one in messages}
    found: list[Message] = []
    while head in known:
        found.append(known[head])
        head = known[head].parent_id
    return found[::-1]


def _facts(message: Message, sight: Sight) -> Mapping[str, Any]:
    made = getattr(message, "generation", None)
    return {
        "id": str(message.id),
        "parent": str(message.parent_id) if message.parent_id else None,
        "role": message.role,
        "created": message.created_at.isoformat(),
        "model": made.model if made else "",
        "state": made.state if made else "",
        "parts": released(message, sight),
    }


def _words(part: Part) -> str:
    text = str(part.get("text", "")).strip()
    match part["type"]:
        case "text":
            return text
        case "reasoning":
            return "\n".join(["> **Thought**", ">", *(f"> {line}" for line in text.splitlines())]) if text else ""
        case "notice":
            return f"*{text}*" if text else ""
        case kind:
            fence = "`" * max(3, _longest_run(text) + 1)
            return f"{fence}{'json' if kind == 'json' else ''}\n{text}\n{fence}" if text else ""


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
