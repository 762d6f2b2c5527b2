"""The conversation as it is sent.

Every string is defused: people's, the model's own, an organization's system prompt, tools' names and results. Only
the operator's server and this module write live control tokens: the think tags of the thinking text and of thoughts
that are sent back, and the tags around a schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from inference.controls import defuse
from inference.engine import Engine, Kind
from inference.request import ChatRequest, ChatTurn, ResponseFormat

# Word by word from Hermes 4's model card: this text is the switch.
THINKING = (
    "You are a deep thinking AI, you may use extremely long chains of thought to deeply consider the problem and "
    "deliberate with yourself via systematic reasoning processes to help come to a correct solution prior to "
    "answering. You should enclose your thoughts and internal monologue inside <think> </think> tags, and then "
    "provide your solution or response to the problem."
)
JSON = "You are a helpful assistant that answers in JSON."
SCHEMA = JSON + " Here's the json schema you must adhere to:\n<schema>\n{schema}\n</schema>"
# What Hermes' own template puts where a thought was left out.
LEFT_OUT = "<think> </think>\n"


def messages_of(engine: Engine, request: ChatRequest, *, thoughts_apart: bool = False) -> list[dict[str, Any]]:
    """Return the messages for an engine. `thoughts_apart`: it takes earlier thoughts in a field of their own."""
    last = len(request.messages) - 1
    tagged = request.thinking and engine.is_hermes and not thoughts_apart
    sent = [_system(engine, request)]
    for at, turn in enumerate(request.messages):
        if turn.role == "assistant":
            is_open = at == last and not turn.content and not request.thought_is_over
            kept = request.keep_reasoning or at == last
            sent.append(_assistant(turn, kept=kept, is_open=is_open, tagged=tagged, apart=thoughts_apart))
        elif turn.role == "tool":
            sent.append({"role": "tool", "tool_call_id": turn.call_id, "content": defuse(turn.content)})
        elif turn.role != "system":
            sent.append({"role": turn.role, "content": defuse(turn.content)})
    return sent if sent[0]["content"] else sent[1:]


def tools_of(request: ChatRequest) -> list[dict[str, Any]]:
    """Return the tools, every string in them defused: templates write them into the prompt."""
    return [_defused(dict(tool)) for tool in request.tools]


def thinks_by_prompt(engine: Engine, request: ChatRequest) -> bool:
    """Say whether the thinking text is what switches thinking on."""
    return request.thinking and engine.is_hermes and engine.kind is not Kind.OPEN_ROUTER


def _system(engine: Engine, request: ChatRequest) -> dict[str, Any]:
    """Return the one system message: the thinking text, what the caller says, the schema."""
    texts = [THINKING] if thinks_by_prompt(engine, request) else []
    texts += [defuse(turn.content) for turn in request.messages if turn.role == "system" and turn.content]
    if request.response_format:
        texts.append(_schema_text(request.response_format))
    return {"role": "system", "content": "\n\n".join(texts)}


def _schema_text(wanted: ResponseFormat) -> str:
    if not wanted.schema:
        return JSON
    return SCHEMA.format(schema=defuse(orjson.dumps(dict(wanted.schema)).decode()))


def _assistant(turn: ChatTurn, *, kept: bool, is_open: bool, tagged: bool, apart: bool) -> dict[str, Any]:
    thought = defuse(turn.reasoning) if kept else ""
    sent: dict[str, Any] = {"role": "assistant", "content": defuse(turn.content)}
    if thought and apart:
        sent["reasoning"] = thought
    elif thought:
        sent["content"] = f"<think>\n{thought}" + ("" if is_open else f"\n</think>\n{sent['content']}")
    elif tagged:
        # Hermes' own template fails on an earlier answer without a closing tag.
        sent["content"] = LEFT_OUT + sent["content"]
    if turn.calls:
        sent["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": defuse(call.name), "arguments": defuse(call.arguments)},
            }
            for call in turn.calls
        ]
    return sent


def _defused(value: Any) -> Any:
    if isinstance(value, str):
        return defuse(value)
    if isinstance(value, Mapping):
        return {defuse(str(key)): _defused(inner) for key, inner in value.items()}
    return [_defused(inner) for inner in value] if isinstance(value, list | tuple) else value
