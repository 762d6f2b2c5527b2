"""Look at the rows from a test that runs in an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

from django.db import connections, transaction
from django.utils import timezone

from accounts.models import FeatureSwitch
from chat.ledger import close_unused
from chat.models import Backtest, Conversation, Generation, Job, Message
from chat.states import State
from inference.models import ChatModel, LedgerEntry, PlatformRules, QuotaLimit
from tests.cast import Cast

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Call a function that uses the database."""

    def call() -> T:
        try:
            return function(*arguments, **named)
        finally:
            connections.close_all()

    return await asyncio.to_thread(call)


def stop_answers() -> None:
    """Have the worker stop what it still writes: the next test needs the machine."""
    # The test may have ended the server of this connection.
    connections.close_all()
    end_line()
    Generation.objects.filter(state=State.RUNNING).exclude(worker_id=None).update(stop_requested_at=timezone.now())


def begin_anew() -> None:
    """Leave to the processes that are about to start nothing to do for the tests before, and no setting of theirs."""
    end_line()
    for rows in (Job.objects, Backtest.objects):
        rows.filter(state__in=["queued", "running"]).update(state="cancelled", ended_at=timezone.now())
    Conversation.objects.filter(title="").update(title="From an earlier test")
    ChatModel.objects.all().delete()
    PlatformRules.objects.all().delete()
    FeatureSwitch.objects.filter(organization=None).delete()
    QuotaLimit.objects.filter(organization=None).delete()


def end_line() -> None:
    """Have everybody leave the line."""
    for generation in Generation.objects.filter(state=State.QUEUED):
        _end_unbegun(generation, timezone.now())


@transaction.atomic
def _end_unbegun(generation: Generation, now: datetime) -> None:
    # As its owner stops it; a worker may be quicker.
    if Generation.objects.filter(id=generation.id, state=State.QUEUED).update(state=State.STOPPED, ended_at=now):
        close_unused(generation.id, LedgerEntry.Outcome.STOPPED, now)


def row_of(answer: str) -> Generation:
    """Return the generation of an answer, with its message."""
    return Generation.objects.select_related("message").get(message_id=answer)


def answer_of(cast: Cast, **fields: Any) -> Generation:
    """Return an answer to Bob as its row has it, claimed now, with these fields."""
    place = {"organization_id": cast.organization.id, "owner_id": cast.bob.user_id}
    conversation = Conversation.objects.create(**place)
    asked = Message.objects.create(conversation=conversation, role=Message.Role.USER, parts=[])
    answer = Message.objects.create(conversation=conversation, parent=asked, role=Message.Role.ASSISTANT, parts=[])
    whose = {"organization_id": cast.organization.id, "user_id": cast.bob.user_id}
    return Generation.objects.create(message=answer, **whose, **{"claimed_at": timezone.now(), **fields})
