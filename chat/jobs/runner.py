"""Do a job in turns. The row is the truth: the queue only says that there is something to do.

Who takes a job up raises its `turn`, and writes only where the row still has that number: what another has taken
over, or somebody has cancelled, is rolled back whole. A turn's effects and its cursor are kept together.
"""

from __future__ import annotations

import logging
import time
import uuid
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import Case, F, Q, QuerySet, SmallIntegerField, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from chat.jobs.bell import ring
from chat.jobs.errors import JobFailed
from chat.jobs.kinds import Kind, Progress
from chat.jobs.registry import KINDS
from chat.models import Job, JobState

log = logging.getLogger(__name__)

RUN_SECONDS = 20.0
# A turn ends long before; who has not been heard of for this long is dead.
LEASE = timedelta(seconds=60)
# Pauses before the tries after the first one.
PAUSES = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5))
UNKNOWN = "This kind of job is not known to the program any more."
GIVEN_UP = (
    "The process that did this ended in the middle of it, again and again. The log of the jobs process says why."
)
BROKEN = "The database or the disk was out of reach. Try it again when both are back."
State = Job.State


class LostTurn(Exception):
    """Another process has this job now, or it was cancelled."""


def run(job_id: uuid.UUID, seconds: float = RUN_SECONDS) -> bool:
    """Go on with a job for a while; say whether there is more to do.

    One that has ended, waits, or that another process is busy with is left alone.
    """
    job = _take_up(job_id)
    if job is None:
        return False
    if job.failures > len(PAUSES):
        return _end(job, State.FAILED, GIVEN_UP)
    kind = KINDS.get(job.kind)
    if kind is None:
        return _end(job, State.FAILED, UNKNOWN)
    try:
        return _turns(job, kind, time.monotonic() + seconds)
    except LostTurn:
        return False
    except JobFailed as failure:
        return _fail(job, failure)
    except (DatabaseError, OSError) as error:
        log.exception("The job %s failed: %s", job.id, error)
        return _fail(job, JobFailed(BROKEN))


def sweep() -> int:
    """Ring for each job that nobody is busy with; return how many."""
    waiting = list(_free(timezone.now()).order_by("created_at").values_list("id", flat=True))
    for job_id in waiting:
        ring(job_id)
    return len(waiting)


def _free(now: datetime) -> QuerySet[Job]:
    due = Q(not_before=None) | Q(not_before__lte=now)
    left = Q(beat_at=None) | Q(beat_at__lt=now - LEASE)
    return Job.objects.filter(Q(state=State.QUEUED) & due | Q(state=State.RUNNING) & left)


def _take_up(job_id: uuid.UUID) -> Job | None:
    now = timezone.now()
    died = When(state=State.RUNNING, beat_at__isnull=False, then=F("failures") + 1)
    taken = _free(now).filter(id=job_id)
    is_mine = taken.update(
        state=State.RUNNING,
        turn=F("turn") + 1,
        failures=Case(died, default=F("failures"), output_field=SmallIntegerField()),
        beat_at=now,
        started_at=Coalesce(F("started_at"), now),
        words="",
    )
    return Job.objects.get(id=job_id) if is_mine else None


def _turns(job: Job, kind: Kind, deadline: float) -> bool:
    while True:
        with transaction.atomic():
            progress = kind.turn(job)
            _keep(job, progress)
        if progress.is_finished:
            return False
        if time.monotonic() >= deadline:
            # The next one need not wait until this one counts as dead.
            _mine(job).update(beat_at=None)
            return True


def _keep(job: Job, progress: Progress) -> None:
    """Write a turn down where the job is still ours; raises LostTurn, which undoes the turn."""
    now = timezone.now()
    facts = {
        "cursor": dict(progress.cursor),
        "done": progress.done,
        "total": progress.total,
        "result": dict(job.result if progress.result is None else progress.result),
        "words": progress.words,
        "failures": 0,
        "beat_at": now,
    }
    if progress.is_finished:
        facts |= {"state": State.DONE, "ended_at": now}
    if not _mine(job).update(**facts):
        raise LostTurn
    for name, fact in facts.items():
        setattr(job, name, fact)


def _fail(job: Job, failure: JobFailed) -> bool:
    if not failure.again or job.failures >= len(PAUSES):
        return _end(job, State.FAILED, failure.words)
    later = timezone.now() + PAUSES[job.failures]
    _mine(job).update(
        state=State.QUEUED, not_before=later, failures=F("failures") + 1, beat_at=None, words=failure.words
    )
    return False


def _end(job: Job, state: JobState, words: str) -> bool:
    _mine(job).update(state=state, words=words, ended_at=timezone.now())
    return False


def _mine(job: Job) -> QuerySet[Job]:
    """Return the row while this process has its turn, and nothing afterwards."""
    return Job.objects.filter(id=job.id, state=State.RUNNING, turn=job.turn)
