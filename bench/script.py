"""What the scripted engine does with one request: read from the JSON in its last user message."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Pace in tokens per second; `*_at` count tokens; `*_ms` are milliseconds. None means never.

    `obeys`: it thinks only where the request says so, and no longer than its budget, as vLLM with Hermes does.
    `calls` are tools it calls after its text, each a name and arguments; `thinking_status` refuses a budget.
    `stamp`: every so manyth token is the time instead, in microseconds.
    `base64` holds a text that no rule about prompts is to see.
    """

    tokens: int = 40
    rate: float = 40.0
    first_ms: float = 0.0
    headers_ms: float = 0.0
    reasoning: int = 0
    inline_think: bool = False
    stamp: int = 0
    text: str | None = None
    base64: str = ""
    status: int = 200
    body: str = '{"error": {"message": "scripted"}}'
    content_type: str = "text/event-stream"
    stall_at: int | None = None
    reset_at: int | None = None
    half_frame_at: int | None = None
    error_at: int | None = None
    wrong_json_at: int | None = None
    finish: str = "stop"
    usage: bool = True
    done: bool = True
    comments: bool = False
    then: dict[str, Any] | None = None
    """What it does instead when it is asked again without a script."""
    obeys: bool = False
    calls: list[list[str]] = field(default_factory=list)
    thinking_status: int = 200
    continuous: bool = False


NAMES = {field.name for field in fields(Script)}


def script_of(body: dict[str, Any], default: Script) -> Script:
    """Return the script that a request asks for: `{"script": {…}}` in its last user message."""
    asked = [message["content"] for message in body.get("messages", []) if message.get("role") == "user"]
    wanted = _script_in(asked[-1]) if asked else None
    if wanted is None and len(asked) > 1:
        wanted = (_script_in(asked[-2]) or {}).get("then")
    if wanted is None:
        return default
    script = replace(default, **{name: value for name, value in wanted.items() if name in NAMES})
    return replace(script, text=base64.b64decode(script.base64).decode()) if script.base64 else script


def _script_in(text: str) -> dict[str, Any] | None:
    begin = text.find('{"script":')
    if begin < 0:
        return None
    found: dict[str, Any] = json.JSONDecoder().raw_decode(text, begin)[0]["script"]
    return found


def prompt_for(script: dict[str, Any]) -> str:
    """Return a prompt that asks for a script."""
    return json.dumps({"script": script})


def veiled(text: str) -> str:
    """Return a text for `base64`."""
    return base64.b64encode(text.encode()).decode()
