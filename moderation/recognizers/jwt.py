"""JSON Web Tokens: RFC 7519 in the compact forms of RFC 7515 (three parts) and RFC 7516 (five)."""

from __future__ import annotations

import base64
import binascii
import json
from string import ascii_letters, digits

from moderation.recognizers.recognizer import Recognizer

_SIGNS = ascii_letters + digits + "_-"


def find_jwt(candidate: str) -> tuple[int, int] | None:
    """Return the token if its header says how it is signed or encrypted."""
    parts = candidate.rstrip(".").split(".") if candidate.count(".") != 2 else candidate.split(".")
    header = _object(parts[0])
    if header is None or "alg" not in header:
        return None
    count = 5 if "enc" in header else 3
    return (0, len(".".join(parts[:count]))) if len(parts) >= count and _is_signed(header, parts) else None


def _is_signed(header: dict[str, object], parts: list[str]) -> bool:
    # With nothing after it, the second dot ends a sentence; only an unsecured token ends with one.
    return len(parts) > 3 or bool(parts[2]) or header["alg"] == "none"


def _object(part: str) -> dict[str, object] | None:
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


JWT = Recognizer(
    name="jwt",
    title="JSON Web Token",
    example=(
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
    ),
    patterns=(r"\beyJ[A-Za-z0-9_\-]{8,600}\.",),
    longest=8192,
    find=find_jwt,
    tail=frozenset(_SIGNS + "."),
)
