"""Verify chains in the database, by the same steps as an export is verified."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from audit.canonical import CANONICAL_SQL, CHAIN_SQL
from audit.verify_audit import Anchored, Chain, Report, Row

BATCH = 5_000
# What waits longer for its seal does so because nobody seals, or because it was taken out of the queue.
PATIENCE = timedelta(minutes=1)
# Before all numbers but one, which no event can hide behind: UNSEALED counts places from 1 on.
BEFORE = -(2**63)

# In pieces by the number, not through one long query: what is there stays, and a chain only grows. With ties: whoever
# owns the tables may give a number twice, and none of the two may fall between two pieces.
ROWS = f"""
SELECT s.number, s.digest, CASE WHEN e.id IS NOT NULL AND {CHAIN_SQL} = s.chain THEN {CANONICAL_SQL} END
FROM (SELECT * FROM audit_seal WHERE chain = %s AND number > %s ORDER BY number FETCH FIRST %s ROWS WITH TIES) s
LEFT JOIN audit_event e ON e.id = s.event ORDER BY s.number
"""
# Only a seal that was followed counts: not one of another chain, nor one without a number.
UNSEALED = f"""
SELECT count(*) FROM audit_event e
WHERE {CHAIN_SQL} = %s AND e.at NOT BETWEEN %s AND %s AND NOT EXISTS (
    SELECT 1 FROM audit_seal s WHERE s.event = e.id AND s.chain = %s AND s.number BETWEEN 1 AND %s
)
"""
LOST = """
SELECT count(*) FROM audit_unsealed u
WHERE u.chain = %s AND NOT EXISTS (SELECT 1 FROM audit_event e WHERE e.id = u.event)
"""


def verify(chain: uuid.UUID, anchors: Sequence[Anchored]) -> Report:
    """Follow one chain from its first event to its head, and look for events that are in none."""
    found = Chain(str(chain), anchors)
    found.follow(_rows(chain))
    now = timezone.now()
    if count := _counted(UNSEALED, chain, now - PATIENCE, now + PATIENCE, chain, found.number):
        found.add_problem(f"{count:,} events have no seal in this chain, and are not of this minute")
    if count := _counted(LOST, chain):
        found.add_problem(f"{count:,} events are gone that waited for their seal")
    return found.report()


def verify_all(anchors: Sequence[Anchored]) -> list[Report]:
    """Verify every chain that has a seal, an event or an anchor."""
    return [verify(chain, anchors) for chain in chains(anchors)]


def chains(anchors: Sequence[Anchored] = ()) -> list[uuid.UUID]:
    """Return every chain that is in the database or was anchored."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT chain FROM audit_seal UNION SELECT chain FROM audit_unsealed"
            f" UNION SELECT DISTINCT {CHAIN_SQL} FROM audit_event e"
        )
        there = {chain for (chain,) in cursor.fetchall()}
    return sorted(there | {uuid.UUID(one.chain) for one in anchors})


def _rows(chain: uuid.UUID) -> Iterator[Row]:
    last = BEFORE
    while rows := _after(chain, last):
        last = rows[-1][0]
        for number, digest, text in rows:
            yield number, bytes(digest), None if text is None else text.encode()


def _after(chain: uuid.UUID, number: int) -> list[tuple[int, bytes, str | None]]:
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [chain, number, BATCH])
        found: list[tuple[int, bytes, str | None]] = cursor.fetchall()
    return found


def _counted(query: str, *values: uuid.UUID | datetime | int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return int(cursor.fetchone()[0])
