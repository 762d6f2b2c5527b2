"""Say to the queue that a job waits. Nothing is lost when it does not hear: the sweep says it again."""

from __future__ import annotations

import logging
import uuid

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

TASK = "chat.tasks.run_job"
# What is not begun by then is left to a sweep: the queue does not grow while its worker is away.
EXPIRES_SECONDS = 60


def ring(job_id: uuid.UUID) -> None:
    """Have a job done; without a queue the next sweep asks again."""
    try:
        current_app.send_task(TASK, (str(job_id),), retry=False, expires=EXPIRES_SECONDS)
    except OperationalError as error:
        log.warning("A job was not queued, the sweep will do it: %s", error)
