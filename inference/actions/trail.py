"""What the audit record says of presets, schemas and rules: what they were and are, never their texts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from audit.record import Fact

Facts = Mapping[str, Fact]


def digest(text: str) -> str:
    """Return what tells two texts apart and says nothing of what they say."""
    return f"{len(text):,} characters, sha256 {hashlib.sha256(text.encode()).hexdigest()[:16]}" if text else "empty"


def compact(document: object) -> str:
    """Return JSON in one line, in its own order."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def unordered(values: Mapping[str, object]) -> str:
    """Return values in one line, by name: a database gives them back in an order of its own."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True)
