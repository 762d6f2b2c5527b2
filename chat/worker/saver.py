"""Save what an answer shows, now and then, in case worker and log die together."""

from __future__ import annotations

import asyncio
import logging
import random

from django.db import DatabaseError

from chat.database import in_database
from chat.worker.log_writer import LogWriter
from chat.worker.run import Run
from chat.worker.settle import checkpoint

log = logging.getLogger(__name__)

CHECKPOINT_SECONDS = 5.0


async def save_now_and_then(run: Run, writer: LogWriter) -> None:
    """Save a run every few seconds until it ends."""
    # Answers that began together are not saved together.
    pause = random.uniform(CHECKPOINT_SECONDS / 4, CHECKPOINT_SECONDS)
    # Redis's client turns a cancel into an error of its own while it connects.
    while not run.is_ending:
        await asyncio.sleep(pause)
        pause = CHECKPOINT_SECONDS
        # A page goes on from the row's sequence: its text must end there too.
        while run.pending and not run.fenced:
            await writer.flush()
        sequence, parts = run.sequence, run.transcript.parts()
        if sequence == run.saved_sequence:
            continue
        try:
            if not await in_database(checkpoint, run.generation_id, run.epoch, sequence, parts, run.manifest):
                _lose(run)
            run.saved_sequence = sequence
        except DatabaseError as error:
            log.warning("Generation %s was not saved in between: %s", run.generation_id, error)


def _lose(run: Run) -> None:
    log.warning("Generation %s is no longer ours.", run.generation_id)
    run.fenced = True
    run.interrupt()
