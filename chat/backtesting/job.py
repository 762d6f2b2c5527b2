"""Run a backtest in turns: each reads for a while and makes room for other jobs.

The row is the truth. Whoever writes names the place from which it read on, so a job that runs twice counts every
message once, and one that was killed is gone on with from its last place, unless it is killed there again and again.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, SmallIntegerField, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.features import is_on
from chat.backtesting.reading import Reading
from chat.backtesting.samples import of_messages_left
from chat.backtesting.scope import messages_of
from chat.backtesting.tally import Tally
from chat.models import Backtest, JobState, Message
from chat.retention.lock import lock_retention
from moderation.errors import ModerationError
from moderation.models import PolicyVersion

TURN_SECONDS = 20.0
# What is read between two looks at the row: a cancelled backtest reads no longer than this.
SLICE_SECONDS = 0.5
SLICE_MESSAGES = 200
STEP_MESSAGES = 20
STALE_AFTER = timedelta(seconds=60)
GIVEN_UP_AFTER = timedelta(days=1)
MOST_DEATHS = 3
EDITED = "The version was edited while this ran. Begin a new backtest of it."
GIVEN_UP = "This did not end within a day and was given up. Choose a shorter period."
DIED = (
    "The process that read this ended in the middle of it, again and again. Choose a shorter period, or ask the "
    "operator of this installation: the log of the jobs process says why."
)
SWITCHED_OFF = "Backtests are switched off here. Ask the operator of this installation."
State = Backtest.State


def run_turn(backtest_id: uuid.UUID, seconds: float = TURN_SECONDS) -> bool:
    """Go on with a backtest for a while; say whether there is more to read.

    One that has ended, or that another job is busy with, is left alone.
    """
    backtest = _claim(backtest_id)
    if backtest is None:
        return False
    if backtest.failures > MOST_DEATHS:
        return _end(backtest, State.FAILED, DIED)
    if not is_on("backtests", backtest.organization_id):
        return _end(backtest, State.FAILED, SWITCHED_OFF)
    try:
        reading = Reading(backtest)
    except ModerationError as error:
        return _end(backtest, State.FAILED, error.words)
    if PolicyVersion.objects.filter(id=backtest.version_id).exclude(digest=backtest.result["digest"]).exists():
        return _end(backtest, State.FAILED, EDITED)
    return _read_on(backtest, reading, time.monotonic() + seconds)


def abandoned(now: datetime) -> list[uuid.UUID]:
    """Return the backtests that nobody is busy with, and give up those that do not end."""
    running = Backtest.objects.filter(state=State.RUNNING)
    running.filter(started_at__lt=now - GIVEN_UP_AFTER).update(state=State.FAILED, ended_at=now, words=GIVEN_UP)
    return list(_waiting(now).order_by("created_at").values_list("id", flat=True))


def _waiting(now: datetime) -> QuerySet[Backtest]:
    free = Q(beat_at=None) | Q(beat_at__lt=now - STALE_AFTER)
    return Backtest.objects.filter(Q(state=State.QUEUED) | Q(state=State.RUNNING) & free)


def _claim(backtest_id: uuid.UUID) -> Backtest | None:
    now = timezone.now()
    died = When(state=State.RUNNING, beat_at__isnull=False, then=F("failures") + 1)
    is_mine = (
        _waiting(now)
        .filter(id=backtest_id)
        .update(
            state=State.RUNNING,
            failures=Case(died, default=F("failures"), output_field=SmallIntegerField()),
            beat_at=now,
            started_at=Coalesce(F("started_at"), now),
        )
    )
    if not is_mine:
        return None
    backtest = Backtest.objects.get(id=backtest_id)
    if not backtest.total:
        backtest.total = messages_of(backtest).count()
        _rows(backtest).update(total=backtest.total)
    return backtest


def _read_on(backtest: Backtest, reading: Reading, deadline: float) -> bool:
    while time.monotonic() < deadline:
        messages = _next(backtest)
        if not messages:
            return _end(backtest, State.DONE)
        if not _read_slice(backtest, reading, messages):
            return False
    # The next turn need not wait until this one counts as dead.
    _rows(backtest).update(beat_at=None)
    return True


def _next(backtest: Backtest) -> Sequence[Message]:
    found = messages_of(backtest)
    return list((found.filter(id__gt=backtest.cursor) if backtest.cursor else found)[:SLICE_MESSAGES])


def _read_slice(backtest: Backtest, reading: Reading, messages: Sequence[Message]) -> bool:
    tally, begun, read = Tally(backtest.result), time.monotonic(), 0
    while read < len(messages) and time.monotonic() - begun < SLICE_SECONDS:
        step = messages[read : read + STEP_MESSAGES]
        reading.read(step, tally)
        read += len(step)
    return _save(backtest, messages[read - 1].id, read, tally)


def _save(backtest: Backtest, cursor: uuid.UUID, read: int, tally: Tally) -> bool:
    """Write a slice down; say whether it counts: not when it was cancelled, or another job has read on."""
    before, done = _rows(backtest), backtest.done + read
    with transaction.atomic():
        # What was deleted for good while the slice was read, or will be next, leaves no place behind.
        lock_retention(backtest.organization_id)
        facts = of_messages_left(tally.facts())
        if not before.update(done=done, cursor=cursor, result=facts, failures=0, beat_at=timezone.now()):
            return False
    backtest.done, backtest.cursor, backtest.result = done, cursor, facts
    return True


def _rows(backtest: Backtest) -> QuerySet[Backtest]:
    """Return the row as it was read, and nothing when somebody has changed it."""
    return Backtest.objects.filter(id=backtest.id, state=State.RUNNING, done=backtest.done, cursor=backtest.cursor)


def _end(backtest: Backtest, state: JobState, words: str = "") -> bool:
    _rows(backtest).update(state=state, words=words, ended_at=timezone.now())
    return False
