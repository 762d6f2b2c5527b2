"""Export the audit record as a stream: a whole chain that can be verified, or chosen events."""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Iterable, Iterator
from itertools import islice

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from audit.canonical import CANONICAL_SQL, canonical
from audit.models import Event, Label, Seal
from audit.verify_audit import EXPORT_FORMAT

BATCH = 1_000
COLUMNS = (
    *("number", "at", "action", "organization", "actor", "actor_name", "target_type", "target", "target_name"),
    *("address", "request", "facts"),
)
# A spreadsheet takes a cell that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")

CHAIN = f"""
SELECT s.number, encode(s.digest, 'hex'), {CANONICAL_SQL}
FROM (SELECT * FROM audit_seal WHERE chain = %s AND number > %s ORDER BY number FETCH FIRST %s ROWS WITH TIES) s
LEFT JOIN audit_event e ON e.id = s.event ORDER BY s.number
"""
# In the place of an event that is gone.
GONE = "null"


def export_chain(chain: uuid.UUID) -> Iterator[bytes]:
    """Yield one whole chain in pieces of the verifier's format; what has no seal yet is not in it."""
    yield _header(chain=str(chain), whole=True)
    count = last = 0
    while rows := _after(chain, last):
        count, last = count + len(rows), rows[-1][0]
        yield b"".join(_line(number, digest, text or GONE) for number, digest, text in rows)
    yield _end(count)


def export_jsonl(events: QuerySet[Event], *, chosen: str = "") -> Iterator[bytes]:
    """Yield chosen events as lines like those of a whole chain. `chosen` says by what they were chosen.

    The header says that it is partial; an event that has no seal yet has number 0 and no digest.
    """
    yield _header(whole=False, chosen=chosen)
    count = 0
    for batch in _batches(events.iterator(BATCH)):
        count += len(batch)
        seals = Seal.objects.in_bulk([event.id for event in batch])
        yield b"".join(_line(*_place(seals.get(event.id)), canonical(event)) for event in batch)
    yield _end(count)


def export_csv(events: QuerySet[Event]) -> Iterator[bytes]:
    """Yield chosen events as a table for people, with the names that are still known."""
    yield _table([COLUMNS])
    for batch in _batches(events.iterator(BATCH)):
        seals = Seal.objects.in_bulk([event.id for event in batch])
        names = _names(batch)
        yield _table(_cells(event, seals.get(event.id), names) for event in batch)


def _after(chain: uuid.UUID, number: int) -> list[tuple[int, str, str | None]]:
    with connection.cursor() as cursor:
        cursor.execute(CHAIN, [chain, number, BATCH])
        found: list[tuple[int, str, str | None]] = cursor.fetchall()
    return found


def _header(**fields: object) -> bytes:
    moment = timezone.now().isoformat(timespec="seconds")
    return json.dumps({"format": EXPORT_FORMAT, **fields, "exported": moment}).encode() + b"\n"


def _end(count: int) -> bytes:
    return json.dumps({"events": count}).encode() + b"\n"


def _line(number: int, digest: str, text: str) -> bytes:
    return f'["{number:012}","{digest}",{text}]\n'.encode()


def _place(seal: Seal | None) -> tuple[int, str]:
    return (seal.number, bytes(seal.digest).hex()) if seal else (0, "")


def _batches(events: Iterable[Event]) -> Iterator[list[Event]]:
    remaining = iter(events)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _names(batch: list[Event]) -> dict[str, str]:
    ids: set[uuid.UUID] = set()
    for event in batch:
        ids |= {one for one in (event.actor_id, event.address_id, _uuid(event.target_id)) if one}
    return {str(label.id): label.text for label in Label.objects.filter(id__in=ids)}


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _cells(event: Event, seal: Seal | None, names: dict[str, str]) -> list[str]:
    cells = [
        str(seal.number) if seal else "",
        event.at.isoformat(timespec="microseconds"),
        event.action,
        str(event.organization_id or ""),
        str(event.actor_id or ""),
        names.get(str(event.actor_id), ""),
        event.target_type,
        event.target_id,
        names.get(event.target_id, ""),
        names.get(str(event.address_id), ""),
        event.request_id,
        json.dumps(event.facts, ensure_ascii=False),
    ]
    return [f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells]


def _table(rows: Iterable[Iterable[str]]) -> bytes:
    page = io.StringIO()
    csv.writer(page).writerows(rows)
    return page.getvalue().encode()
