"""Write the heads of chains outside the database, so that a chain that was made anew does not fit any more.

A head is due at a place until an anchor of its number and digest says that the place has it. A place that fails is
tried again with the next look and does not keep the others from theirs.
"""

from __future__ import annotations

import json
import logging
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection, transaction
from django.utils import timezone

from audit.errors import PlaceFailed
from audit.models import Anchor
from audit.places import Place, configured
from audit.verify_audit import ANCHOR_FORMAT

log = logging.getLogger(__name__)

LOCK = 5_042

# From chain to chain by the index: reading every seal to learn which chains there are would take longer each day.
HEADS = """
WITH RECURSIVE chains AS (
    (SELECT chain FROM audit_seal ORDER BY chain LIMIT 1)
    UNION ALL
    SELECT (SELECT chain FROM audit_seal WHERE chain > chains.chain ORDER BY chain LIMIT 1)
    FROM chains WHERE chains.chain IS NOT NULL
)
SELECT head.chain, head.number, head.digest, coalesce(
    (SELECT string_agg(places, ',') FROM audit_anchor a
     WHERE a.chain = head.chain AND a.number = head.number AND a.digest = head.digest), '')
FROM chains CROSS JOIN LATERAL (
    SELECT chain, number, digest FROM audit_seal s WHERE s.chain = chains.chain ORDER BY number DESC LIMIT 1
) head
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A chain's head, and the places that have it already."""

    chain: uuid.UUID
    number: int
    digest: bytes
    places: frozenset[str]

    def line(self, now: datetime) -> str:
        """Return what is written, one line of JSON."""
        fields = {
            "format": ANCHOR_FORMAT,
            "chain": str(self.chain),
            "number": self.number,
            "digest": self.digest.hex(),
            "at": now.astimezone(UTC).isoformat(timespec="seconds"),
        }
        return json.dumps(fields)


def anchor() -> int:
    """Write the heads that have moved to every place; return how many some place has taken."""
    # What was written before a failure here is written once more, which does no harm.
    with transaction.atomic():
        return _anchor(configured()) if _locked() else 0


def _anchor(places: list[Place]) -> int:
    now = timezone.now()
    wanted = {place.name for place in places}
    due = [one for one in _heads() if wanted - one.places]
    taken = [name for place in places if (name := _written(place, due, now))]
    rows = [
        Anchor(chain=one.chain, number=one.number, digest=one.digest, at=now, places=",".join(new))
        for one in due
        if (new := [name for name in taken if name not in one.places])
    ]
    Anchor.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def _written(place: Place, due: list[Due], now: datetime) -> str:
    lines = [one.line(now) for one in due if place.name not in one.places]
    if not lines:
        return ""
    try:
        place.write(lines)
    except PlaceFailed as error:
        log.error("%s", error)
        return ""
    return place.name


def _heads() -> list[Due]:
    with connection.cursor() as cursor:
        cursor.execute(HEADS)
        return [
            Due(chain=chain, number=number, digest=bytes(digest), places=frozenset(places.split(",")))
            for chain, number, digest, places in cursor.fetchall()
        ]


def _locked() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, 0)", [LOCK])
        return bool(cursor.fetchone()[0])
