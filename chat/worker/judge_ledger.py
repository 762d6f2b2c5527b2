"""The ledger's rows of classifying calls: one a call, written together about once a second.

They are charged to the organization and to nobody in it. A worker that is killed loses those of the last second.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from datetime import datetime

from django.db import DatabaseError
from django.utils import timezone

from chat.database import in_database
from chat.ledger import add_background, columns
from inference.models import LedgerEntry
from inference.usage import Usage

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
# More are not kept while the database is away.
MOST = 10_000


class JudgeLedger:
    """Take what calls cost, and write it down soon."""

    def __init__(self) -> None:
        self._waiting: list[LedgerEntry] = []
        self._writing: asyncio.Task[None] | None = None

    def add(
        self,
        organization_id: uuid.UUID,
        *,
        model: str,
        model_id: uuid.UUID,
        usage: Usage,
        begun: datetime,
        first: datetime | None,
        is_whole: bool,
    ) -> None:
        """A call has ended."""
        now = timezone.now()
        entry = LedgerEntry(
            purpose=LedgerEntry.Purpose.CLASSIFIER,
            outcome=LedgerEntry.Outcome.DONE if is_whole else LedgerEntry.Outcome.FAILED,
            organization_id=organization_id,
            chat_model_id=model_id,
            model=model,
            **columns(usage),
            created_at=begun,
            settled_at=now,
            first_token_ms=_milliseconds(begun, first) if first else None,
            total_ms=_milliseconds(begun, now),
        )
        self._waiting = [*self._waiting[-MOST + 1 :], entry]
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_soon())

    async def close(self) -> None:
        """Write down what is left; what the database does not take now is lost."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
        await self._write()

    async def _write_soon(self) -> None:
        while self._waiting:
            await asyncio.sleep(PAUSE_SECONDS)
            await self._write()

    async def _write(self) -> None:
        written, self._waiting = self._waiting, []
        if not written:
            return
        try:
            await in_database(add_background, written)
        except DatabaseError as error:
            log.warning("What classifying cost cannot be written down now: %s", error)
            self._waiting = [*written, *self._waiting][-MOST:]


def _milliseconds(start: datetime, end: datetime) -> int:
    return max(0, round((end - start).total_seconds() * 1000))
