"""Calls of an engine that nobody waits for yield to people: they are made when nobody waits in line for the model.

These are titles: writing one, and judging it by a classifier. Backtests ask no engine.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from chat.models import Generation
from chat.states import State

# Everybody waits for a moment, until a worker hears of it: that is no line.
MOMENT = timedelta(seconds=1)
# Work that has yielded for so long is done all the same: a line may last all day.
YIELDS_MOST = timedelta(minutes=10)


def must_wait(since: timedelta, *, people_wait: bool) -> bool:
    """Say whether background work that has waited so long already goes on waiting."""
    return people_wait and since < YIELDS_MOST


def people_wait(models: Collection[uuid.UUID | None]) -> bool:
    """Say whether people wait in line for one of the models. None is the default one; who names none may want any."""
    if not models:
        return False
    line = Generation.objects.filter(state=State.QUEUED, queued_at__lt=timezone.now() - MOMENT)
    return line.filter(Q(chat_model__in=[one for one in models if one]) | Q(chat_model=None)).exists()
