"""The canonical text of an event: what is sealed, and what an export holds, byte for byte.

It is a JSON array in a fixed order, written as PostgreSQL writes jsonb: a space after each comma and colon, the keys
of an object by their length in bytes and then by their bytes, numbers without an exponent. So the database makes it
of its own types, quickly; Python makes the same.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from audit.models import Event, Seal
from audit.verify_audit import FORMAT

# In the query and not a function of the database: whoever could change the events could change that too.
CANONICAL_SQL = f"""jsonb_build_array(
    '{FORMAT}', e.id, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.action, e.organization_id,
    e.actor_id, e.target_type, e.target_id, e.address_id, e.request_id, e.facts)::text"""
CHAIN_SQL = f"coalesce(e.organization_id, '{Seal.PLATFORM}')"


def canonical(event: Event) -> str:
    """Return the text that is sealed for an event."""
    return _json(
        [
            FORMAT,
            str(event.id),
            _moment(event.at),
            event.action,
            _id(event.organization_id),
            _id(event.actor_id),
            event.target_type,
            event.target_id,
            _id(event.address_id),
            event.request_id,
            event.facts,
        ]
    )


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _id(value: uuid.UUID | None) -> str | None:
    return None if value is None else str(value)


def _json(value: object) -> str:
    if isinstance(value, Mapping):
        members = sorted(value.items(), key=lambda member: _place(member[0]))
        return "{" + ", ".join(f"{_json(name)}: {_json(one)}" for name, one in members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_json, value)) + "]"
    if isinstance(value, float):
        return _number(value)
    return json.dumps(value, ensure_ascii=False)


def _place(name: str) -> tuple[int, bytes]:
    encoded = name.encode()
    return len(encoded), encoded


def _number(value: float) -> str:
    # PostgreSQL knows no negative zero and writes no exponents.
    return format(abs(Decimal(repr(value))) if value == 0 else Decimal(repr(value)), "f")
