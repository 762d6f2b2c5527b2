"""Seal and anchor the audit record, beside everything else that a worker does.

Every worker may: a lock of the database decides who does. Neither waits behind other jobs of a queue.
"""

from __future__ import annotations

import asyncio
import logging

from django.db import DatabaseError

from audit.anchoring import anchor
from audit.sealing import LIMIT, seal_some
from chat.database import in_database

log = logging.getLogger(__name__)

SEAL_SECONDS = 0.3
ANCHOR_SECONDS = 20.0


async def seal_forever() -> None:
    """Seal what waits, again and again."""
    while True:
        try:
            sealed = await in_database(seal_some)
        except DatabaseError as error:
            log.warning("The audit record cannot be sealed now: %s", error)
            sealed = 0
        # Of a large queue there is more.
        await asyncio.sleep(0 if sealed >= LIMIT else SEAL_SECONDS)


async def anchor_forever() -> None:
    """Write heads that have moved to the places outside, again and again."""
    while True:
        try:
            await in_database(anchor)
        except DatabaseError as error:
            log.warning("The audit record cannot be anchored now: %s", error)
        await asyncio.sleep(ANCHOR_SECONDS)
