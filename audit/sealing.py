"""Give events their place and digest in the chain of their organization.

Writers do not take part: a trigger queues each event in its own transaction. Whoever seals takes a lock of one chain
for one short transaction; another one who comes meanwhile goes on to the next chain.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from audit.canonical import CANONICAL_SQL, CHAIN_SQL
from audit.models import Seal, Unsealed
from audit.verify_audit import genesis

log = logging.getLogger(__name__)

LIMIT = 1_000
# The first key of our advisory locks; the second one is the chain.
LOCK = 5_041

# Each event is looked up by its id, and only this piece of the queue is put in the order of time: with a long queue,
# or a long record, anything else reads all of it again and again. What was deleted while it waited stays in the
# queue, so that the verifier misses it.
WAITING = f"""
WITH piece AS MATERIALIZED (
    SELECT event.* FROM audit_unsealed u CROSS JOIN LATERAL (
        SELECT * FROM audit_event e WHERE e.id = u.event AND {CHAIN_SQL} = u.chain
        AND NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.event = u.event) LIMIT 1
    ) event
    WHERE u.chain = %s LIMIT %s
)
SELECT e.id, {CANONICAL_SQL} FROM piece e ORDER BY e.at, e.id
"""
ADD = """
INSERT INTO audit_seal (event, chain, number, digest, at)
SELECT event, %s, number, digest, %s FROM unnest(%s::uuid[], %s::bigint[], %s::bytea[]) AS new (event, number, digest)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of a chain."""

    number: int
    digest: bytes


def seal_some(limit: int = LIMIT) -> int:
    """Seal up to so many events of each chain that has any waiting; return how many were sealed."""
    chains = Unsealed.objects.order_by("chain").values_list("chain", flat=True).distinct()
    return sum(_sealed(chain, limit) for chain in list(chains))


def seal_chain(chain: uuid.UUID, limit: int = LIMIT) -> int:
    """Seal events of one chain in their order; return how many, 0 when another process is busy with it."""
    with transaction.atomic(), connection.cursor() as cursor:
        if not _locked(cursor, chain):
            return 0
        cursor.execute(WAITING, [chain, limit])
        rows = cursor.fetchall()
        if rows:
            _add(cursor, chain, rows)
        return len(rows)


def _sealed(chain: uuid.UUID, limit: int) -> int:
    try:
        return seal_chain(chain, limit)
    except (DataError, IntegrityError) as error:
        # Somebody has written into it; the others must not wait for that.
        log.error("Chain %s of the audit record cannot be sealed: %s", chain, error)
        return 0


def head_of(chain: uuid.UUID) -> Head:
    """Return the end of a chain: its newest seal, or where it begins."""
    newest = Seal.objects.filter(chain=chain).order_by("-number").values_list("number", "digest").first()
    if newest is None:
        return Head(number=0, digest=genesis(str(chain)))
    return Head(number=newest[0], digest=bytes(newest[1]))


def _locked(cursor: Any, chain: uuid.UUID) -> bool:
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [LOCK, str(chain)])
    return bool(cursor.fetchone()[0])


def _add(cursor: Any, chain: uuid.UUID, rows: list[tuple[uuid.UUID, str]]) -> None:
    head = head_of(chain)
    digest, digests = head.digest, []
    for _, text in rows:
        digest = sha256(digest + text.encode()).digest()
        digests.append(digest)
    events = [event for event, _ in rows]
    numbers = list(range(head.number + 1, head.number + 1 + len(rows)))
    cursor.execute(ADD, [chain, timezone.now(), events, numbers, digests])
    cursor.execute("DELETE FROM audit_unsealed WHERE event = ANY(%s)", [events])
