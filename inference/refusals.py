"""What an engine's refusal means. Its text is read here and goes no further: it names paths and addresses."""

from __future__ import annotations

import re
from typing import Any

import orjson

from inference.errors import (
    ContextExceeded,
    EngineBroken,
    EngineBusy,
    EngineRefused,
    InferenceError,
    KeyRefused,
    ModelMissing,
    OutOfCredit,
    ThinkingRefused,
    ToolsRefused,
)

MOST_BYTES = 64 * 1024
STATUSES: dict[int, type[InferenceError]] = {
    401: KeyRefused,
    402: OutOfCredit,
    403: KeyRefused,
    404: ModelMissing,
    408: EngineBusy,
    413: ContextExceeded,
    429: EngineBusy,
    503: EngineBusy,
    529: EngineBusy,
}
# What engines write in a 400, and some in a 500.
PHRASES: tuple[tuple[re.Pattern[str], type[InferenceError]], ...] = (
    (
        re.compile(
            r"context (length|size|window)|max_model_len|n_ctx"
            r"|prompt (is )?too long|input (length )?(is too long|exceeds)",
            re.IGNORECASE,
        ),
        ContextExceeded,
    ),
    (re.compile(r"reasoning_config|thinking_token_budget|does not support thinking", re.IGNORECASE), ThinkingRefused),
    (re.compile(r"tool[ _-]choice requires|does not support tools|--jinja", re.IGNORECASE), ToolsRefused),
    (re.compile(r"model\b.{0,300}\b(not found|does not exist)", re.IGNORECASE | re.DOTALL), ModelMissing),
)


def check_status(status: int, body: bytes = b"") -> None:
    """Raise what an engine's status and words mean, unless the status is 200."""
    if status != 200:
        raise _kind(status, _message(body))(f"The engine answered with status {status}.")


def reported(told: Any) -> InferenceError:
    """Return what an error inside a stream means."""
    code = told.get("code") if isinstance(told, dict) else None
    status = code if isinstance(code, int) else 500
    return _kind(status, _text(told))("The engine reported an error inside the stream.")


def _kind(status: int, message: str) -> type[InferenceError]:
    if known := STATUSES.get(status):
        return known
    if 400 <= status < 600:
        for phrase, meaning in PHRASES:
            if phrase.search(message):
                return meaning
    return EngineRefused if 400 <= status < 500 else EngineBroken


def _message(body: bytes) -> str:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    return _text(told.get("error") or told) if isinstance(told, dict) else ""


def _text(told: Any) -> str:
    if isinstance(told, dict):
        told = told.get("message") or told.get("detail")
    return told[:MOST_BYTES] if isinstance(told, str) else ""
