"""Keys and tokens of the common providers, by the prefixes and lengths that they publish."""

from __future__ import annotations

from moderation.recognizers.recognizer import Recognizer

_KEYS = (
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",
    r"gh[pousr]_[A-Za-z0-9]{36,255}",
    r"AIza[A-Za-z0-9_\-]{35}",
)


def find_key(candidate: str) -> tuple[int, int] | None:
    """Return the key; one that is all one character stands for a key and is none."""
    return (0, len(candidate)) if len(set(candidate)) > 8 else None


API_KEY = Recognizer(
    name="api-key",
    title="API key or token",
    example="AKIAIOSFODNN7EXAMPLE",
    patterns=tuple(rf"\b{key}\b" for key in _KEYS),
    longest=259,
    find=find_key,
)
