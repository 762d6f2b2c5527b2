"""Jobs of chat. A task loads, calls, returns; the rules are elsewhere."""

from __future__ import annotations

import logging
import uuid

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from chat import titles
from chat.backtesting import job
from chat.erasure import erase_deleted_conversations

log = logging.getLogger(__name__)

# What is not begun by then is left to a sweep: the queue does not grow while the engine is slow.
SWEEP_SECONDS = 60


@shared_task(name="chat.tasks.give_title")
def give_title(conversation_id: str) -> None:
    """Name a conversation after its first exchange."""
    titles.give_title(uuid.UUID(conversation_id))


@shared_task(name="chat.tasks.title_untitled")
def title_untitled() -> None:
    """Queue the conversations whose title was never made, because a queue or an engine was down."""
    for conversation_id in titles.untitled():
        enqueue_title(conversation_id)


@shared_task(name="chat.tasks.erase_deleted")
def erase_deleted() -> None:
    """Erase conversations that were deleted a while ago."""
    erase_deleted_conversations()


def enqueue_title(conversation_id: uuid.UUID) -> None:
    """Ask for a title; without a queue the next sweep gives one."""
    try:
        give_title.apply_async((str(conversation_id),), retry=False, expires=SWEEP_SECONDS)
    except OperationalError as error:
        log.warning("A title was not queued, the sweep will make it: %s", error)


@shared_task(name="chat.tasks.run_backtest")
def run_backtest(backtest_id: str) -> None:
    """Go on with a backtest for a while, and queue the rest of it behind what waits."""
    if job.run_turn(uuid.UUID(backtest_id)):
        enqueue_backtest(uuid.UUID(backtest_id))


@shared_task(name="chat.tasks.sweep_backtests")
def sweep_backtests() -> None:
    """Queue the backtests that nobody is busy with: a worker was killed, or the queue was down."""
    for backtest_id in job.abandoned(timezone.now()):
        enqueue_backtest(backtest_id)


def enqueue_backtest(backtest_id: uuid.UUID) -> None:
    """Have a backtest read on; without a queue the next sweep does it."""
    try:
        run_backtest.apply_async((str(backtest_id),), retry=False, expires=SWEEP_SECONDS)
    except OperationalError as error:
        log.warning("A backtest was not queued, the sweep will do it: %s", error)
