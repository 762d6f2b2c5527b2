"""The one writer of the audit record.

Call `record()` inside the transaction that does the thing: then either both are true or neither is.
"""

from __future__ import annotations

import contextvars
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from audit.errors import NotInTransaction, UnsafeFact
from audit.models import Event, Label

Fact = str | int | float | bool | None
FORBIDDEN = ("password", "secret", "token_value", "text", "content", "key_value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Say where a request came from."""

    address: str = ""
    request_id: str = ""


# A name that is known as it is takes no lock: whoever acts twice at once, or is named by two, holds nobody up.
# One statement, in one order: two who give the same people new names do not wait for each other crosswise.
NAME = """
INSERT INTO audit_label (id, kind, text)
SELECT id, 'person', text FROM unnest(%s::uuid[], %s::text[]) AS named (id, text)
WHERE NOT EXISTS (
    SELECT 1 FROM audit_label known WHERE known.id = named.id AND known.kind = 'person' AND known.text = named.text
)
ORDER BY id ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, text = excluded.text
"""

NOWHERE = Origin()
_origin: contextvars.ContextVar[Origin] = contextvars.ContextVar("audit_origin", default=NOWHERE)


def set_origin(origin: Origin) -> contextvars.Token[Origin]:
    """Name the request whose actions follow in this context."""
    return _origin.set(origin)


def reset_origin(token: contextvars.Token[Origin]) -> None:
    """Forget the request again."""
    _origin.reset(token)


def current_origin() -> Origin:
    """Return where the current request comes from; empty outside of requests."""
    return _origin.get()


def record(
    action: str,
    *,
    actor_id: uuid.UUID | None,
    organization_id: uuid.UUID | None = None,
    target: tuple[str, object] = ("", ""),
    facts: Mapping[str, Fact] | None = None,
    labels: Mapping[uuid.UUID, str] | None = None,
) -> Event:
    """Write one event in the caller's transaction.

    `action` is a namespaced verb such as `accounts.member.removed`. `facts` are small values before
    and after, never message text or secrets. `labels` name people behind ids, erasable later.
    Raises NotInTransaction outside a transaction and UnsafeFact for a fact that may hold a secret.
    """
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransaction(action)
    _refuse_unsafe(facts or {})
    origin = _origin.get()
    if labels:
        _name(labels)
    return Event.objects.create(
        at=timezone.now(),
        action=action,
        organization_id=organization_id,
        actor_id=actor_id,
        target_type=target[0],
        target_id=str(target[1]),
        address_id=_address_label(origin.address),
        request_id=origin.request_id,
        facts=dict(facts or {}),
    )


def _refuse_unsafe(facts: Mapping[str, Fact]) -> None:
    for name in facts:
        if name in FORBIDDEN:
            raise UnsafeFact(name)


def _name(labels: Mapping[uuid.UUID, str]) -> None:
    ids = sorted(labels)
    with connection.cursor() as cursor:
        cursor.execute(NAME, [ids, [labels[one][:254] for one in ids]])


def _address_label(address: str) -> uuid.UUID | None:
    if not address:
        return None
    # A random id, not a hash of the address: an address is guessable, and erasing must be final.
    label, _ = Label.objects.get_or_create(kind="address", text=address[:254], defaults={"id": uuid.uuid4()})
    return label.id
