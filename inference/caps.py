"""The most that any engine is sent. Rules of organizations are narrower; this is the last look before the wire."""

from __future__ import annotations

import re
from typing import Any

import orjson

from inference.errors import RequestTooLarge
from inference.request import ChatRequest
from inference.sampling import LONGEST_STOP, MOST_STOPS

# vLLM refuses JSON that is nested more than 64 deep; grammars of less are slow already.
DEEPEST = 48
MOST_SCHEMA_BYTES = 256 * 1024
MOST_TOOLS = 128
LONGEST_PATTERN = 1000
# vLLM takes no longer salt, and none with @, / or \.
SALT = re.compile(r"[0-9A-Za-z_-]{0,128}")
REQUEST_ID = re.compile(r"[0-9A-Za-z_-]{0,80}")


def check_caps(request: ChatRequest) -> None:
    """Raise RequestTooLarge, with a sentence, for what no engine should have to carry."""
    if len(request.sampling.stop) > MOST_STOPS or any(len(one) > LONGEST_STOP for one in request.sampling.stop):
        raise RequestTooLarge(f"At most {MOST_STOPS} stop texts of {LONGEST_STOP} characters are possible.")
    if len(request.tools) > MOST_TOOLS:
        raise RequestTooLarge(f"At most {MOST_TOOLS} tools are possible in one request.")
    if request.tools:
        _check_document(list(request.tools), "The tools' schemas")
    if request.response_format and request.response_format.schema:
        _check_document(dict(request.response_format.schema), "The answer's JSON schema")
    if not SALT.fullmatch(request.cache_salt) or not REQUEST_ID.fullmatch(request.id):
        raise ValueError("A cache salt and a request's id are our own: letters, digits, _ and -.")


def _check_document(document: Any, what: str) -> None:
    if _depth(document) > DEEPEST:
        raise RequestTooLarge(f"{what} may be nested at most {DEEPEST} deep. Make it flatter.")
    if len(orjson.dumps(document)) > MOST_SCHEMA_BYTES:
        raise RequestTooLarge(f"{what} may have at most {MOST_SCHEMA_BYTES // 1024} KiB. Make it shorter.")


def _depth(document: Any) -> int:
    """Return how deep it is nested, without recursion; raises RequestTooLarge for an over-long pattern."""
    depth, level = 0, [document]
    while level and depth <= DEEPEST:
        depth += 1
        level = [inner for outer in level for inner in _inside(outer)]
    return depth


def _inside(outer: Any) -> list[Any]:
    if isinstance(outer, dict):
        pattern = outer.get("pattern")
        if isinstance(pattern, str) and len(pattern) > LONGEST_PATTERN:
            raise RequestTooLarge(f"A pattern may have at most {LONGEST_PATTERN:,} characters. Make it shorter.")
        return list(outer.values())
    return list(outer) if isinstance(outer, list | tuple) else []
