"""How far a chain is sealed and anchored now."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from audit.models import Seal

# An anchor that is not of the seal with its number covers nothing: anybody who may add events may add one, too.
STATE = """
SELECT head.number, head.at, anchor.number, anchor.at, anchor.places,
    (SELECT count(*) FROM (SELECT 1 FROM audit_unsealed WHERE chain = %(chain)s LIMIT 1000) waiting)
FROM (SELECT 1) one
LEFT JOIN LATERAL (
    SELECT number, at FROM audit_seal WHERE chain = %(chain)s ORDER BY number DESC LIMIT 1) head ON true
LEFT JOIN LATERAL (
    SELECT a.number, a.at, a.places FROM audit_anchor a
    JOIN audit_seal s ON s.chain = a.chain AND s.number = a.number AND s.digest = a.digest
    WHERE a.chain = %(chain)s ORDER BY a.number DESC, a.id DESC LIMIT 1
) anchor ON true
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainState:
    """`sealed` and `anchored` are numbers of events, 0 where there is none. `waiting` counts those without a seal."""

    sealed: int = 0
    sealed_at: datetime | None = None
    anchored: int = 0
    anchored_at: datetime | None = None
    places: tuple[str, ...] = ()
    waiting: int = 0

    @property
    def exposed(self) -> int:
        """How many events somebody who owns the database could still change unseen."""
        return max(0, self.sealed - self.anchored) + self.waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceInChain:
    """Where one event stands, and whether what is written outside the database covers it."""

    number: int
    digest: str
    at: datetime
    is_anchored: bool


def chain_state(chain: uuid.UUID) -> ChainState:
    """Return how a chain is now, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(STATE, {"chain": chain})
        sealed, sealed_at, anchored, anchored_at, places, waiting = cursor.fetchone()
    return ChainState(
        sealed=sealed or 0,
        sealed_at=sealed_at,
        anchored=anchored or 0,
        anchored_at=anchored_at,
        places=tuple(filter(None, (places or "").split(","))),
        waiting=waiting,
    )


def place_of(event_id: uuid.UUID) -> PlaceInChain | None:
    """Return an event's place in its chain, None while it waits for it."""
    seal = Seal.objects.filter(event=event_id).first()
    if seal is None:
        return None
    return PlaceInChain(
        number=seal.number,
        digest=bytes(seal.digest).hex(),
        at=seal.at,
        is_anchored=seal.number <= chain_state(seal.chain).anchored,
    )
