"""One look at the lines that some answers wait in: the rows, put into places."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from chat.fairness import fair_order
from chat.foresight import Pace, Place, foresee, pace_of
from chat.models import FairShare, Generation, WorkerBeat
from chat.states import State
from chat.waiting_line import Model, count_running, waiting_for
from chat.worker.shares import shares_of
from inference.models import LedgerEntry

ALIVE = timedelta(seconds=5)
RECENT = timedelta(hours=1)
SAMPLES = 48
PACE_SECONDS = 5.0

HELD = """
SELECT coalesce(chat_model_id, %s::uuid), extract(epoch FROM clock_timestamp() - claimed_at)::float
FROM chat_generation WHERE state = 'running'
"""


class LineLook:
    """It remembers for a few seconds how long each model's answers take."""

    def __init__(self) -> None:
        self._paces: dict[Model, tuple[float, Pace]] = {}

    def places(self, generation_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Place]:
        """Return the places of those that wait in line. Where none does this is one statement."""
        asked = Generation.objects.filter(id__in=generation_ids, state=State.QUEUED).values_list(
            "chat_model", flat=True
        )
        named = set(asked)
        return self._all_places(named) if named else {}

    def _all_places(self, named: Collection[Model]) -> Mapping[uuid.UUID, Place]:
        slots, default_id = _workers()
        held = _held(default_id)
        found: dict[uuid.UUID, Place] = {}
        for model_id, queue in waiting_for({one or default_id for one in named}, default_id).items():
            rows = FairShare.objects.filter(organization__in={one.organization_id for one in queue})
            shares = shares_of(rows)
            count_running(shares)
            line = [turn.waiting.generation_id for turn in fair_order(queue, shares)]
            running = [seconds for of, seconds in held if of == model_id]
            since = min(one.queued_at for one in queue)
            found |= foresee(line, running, slots[model_id], self._pace(model_id, slots[model_id], since))
        return found

    def _pace(self, model_id: Model, slots: int, since: datetime) -> Pace:
        until, pace = self._paces.get(model_id, (0.0, Pace(())))
        now = time.monotonic()
        if now > until:
            pace = _recent(model_id, slots, since)
            self._paces[model_id] = (now + PACE_SECONDS, pace)
        return pace


def _workers() -> tuple[Counter[Model], Model]:
    """Return how many answers of each model the workers that live can make at once, and the default model."""
    beats = WorkerBeat.objects.filter(seen_at__gt=timezone.now() - ALIVE).order_by("-seen_at")
    slots: Counter[Model] = Counter()
    default_id: Model = None
    for state in beats.values_list("engine", flat=True):
        slots.update({uuid.UUID(model_id): count for model_id, count in state.get("slots", {}).items()})
        default_id = default_id or (uuid.UUID(state["default"]) if state.get("default") else None)
    return slots, default_id


def _held(default_id: Model) -> Sequence[tuple[Model, float]]:
    with connection.cursor() as cursor:
        cursor.execute(HELD, [default_id])
        return [(model_id, seconds) for model_id, seconds in cursor.fetchall()]


def _recent(model_id: Model, slots: int, since: datetime) -> Pace:
    """Return how long the last answers of a model held their slots, however they ended.

    There is a line `since` then: how many ended meanwhile tells what is lost between two answers.
    """
    rows = LedgerEntry.objects.filter(
        settled_at__gt=timezone.now() - RECENT,
        purpose=LedgerEntry.Purpose.ANSWER,
        call=1,
        chat_model_id=model_id,
        queue_ms__isnull=False,
        total_ms__isnull=False,
    ).order_by("-settled_at")
    times = list(rows.values_list("settled_at", "queue_ms", "total_ms")[:SAMPLES])
    durations = [max(0, (total or 0) - (queued or 0)) / 1000 for _, queued, total in times]
    begun = max([since, *(settled for settled, *_ in times[SAMPLES - 1 :] if settled)])
    ends = [settled for settled, *_ in times if settled and settled > begun]
    seconds = (ends[0] - begun).total_seconds() if ends else 0.0
    return pace_of(durations, slots=slots, ended=len(ends), seconds=seconds)
