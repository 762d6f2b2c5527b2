"""Save what an answer shows, now and then, in case worker and log die together."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import suppress

from django.db import DatabaseError

from chat.database import in_database
from chat.worker.log_writer import LogWriter
from chat.worker.run import Run
from chat.worker.settle import Checkpoint, checkpoint

log = logging.getLogger(__name__)

CHECKPOINT_SECONDS = 5.0


async def save_now_and_then(run: Run, writer: LogWriter) -> None:
    """Save a run every few seconds until it ends."""
    # Answers that began together are not saved together.
    pause = random.uniform(CHECKPOINT_SECONDS / 4, CHECKPOINT_SECONDS)
    # Redis's client turns a cancel into an error of its own while it connects.
    while not run.is_ending:
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await run.save_due.wait()
        pause = CHECKPOINT_SECONDS
        run.save_due.clear()
        if run.needs_snapshot:
            await writer.flush()
        # A page goes on from the row's sequence: its text must end there too.
        while run.pending and not run.fenced:
            await writer.flush()
        saved = Checkpoint(
            generation_id=run.generation_id,
            epoch=run.epoch,
            sequence=run.sequence,
            parts=run.transcript.parts(),
            first_token_at=run.first_token_at,
            manifest=run.manifest,
            coverage=run.coverage(),
        )
        if saved.sequence == run.saved_sequence:
            continue
        try:
            if not await in_database(checkpoint, saved):
                _lose(run)
            run.saved_sequence = saved.sequence
        except DatabaseError as error:
            log.warning("Generation %s was not saved in between: %s", run.generation_id, error)


def _lose(run: Run) -> None:
    log.warning("Generation %s is no longer ours.", run.generation_id)
    run.fenced = True
    run.interrupt()
