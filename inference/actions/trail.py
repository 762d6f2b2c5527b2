"""Write changes of presets, schemas and rules into the audit record: what they were and are, never their texts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from accounts.models import Membership
from audit.record import Fact, record

Facts = Mapping[str, Fact]


def say(acting: Membership, action: str, target: tuple[str, object], facts: Facts) -> None:
    """Record what somebody did to a thing."""
    record(
        action,
        actor_id=acting.user_id,
        organization_id=acting.organization_id,
        target=target,
        facts=facts,
        labels={acting.user_id: acting.user.email},
    )


def changes(before: Facts, after: Facts) -> dict[str, Fact]:
    """Return what differs, each before and after; `changed` lists the names."""
    names = [name for name in after if before.get(name) != after[name]]
    found: dict[str, Fact] = {"changed": ", ".join(name.replace("_", " ") for name in names)}
    for name in names:
        found[f"{name}_before"], found[f"{name}_after"] = before.get(name), after[name]
    return found


def digest(text: str) -> str:
    """Return what tells two texts apart and says nothing of what they say."""
    return f"{len(text):,} characters, sha256 {hashlib.sha256(text.encode()).hexdigest()[:16]}" if text else "empty"


def compact(document: object) -> str:
    """Return JSON in one line, in its own order."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def unordered(values: Mapping[str, object]) -> str:
    """Return values in one line, by name: a database gives them back in an order of its own."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True)
