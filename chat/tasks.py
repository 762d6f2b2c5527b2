"""Jobs of chat. A task loads, calls, returns; the rules are elsewhere."""

from __future__ import annotations

import logging
import uuid

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from chat import titles
from chat.backtesting import job
from chat.jobs import clock, runner
from chat.jobs.bell import TASK, ring

log = logging.getLogger(__name__)

# What is not begun by then is left to a sweep: the queue does not grow while the engine is slow.
SWEEP_SECONDS = 60
# What yields to people looks again after this long.
LATER_SECONDS = 10


@shared_task(name="chat.tasks.give_title")
def give_title(conversation_id: str) -> None:
    """Name a conversation after its first exchange, or later when people wait for the model."""
    if not titles.give_title(uuid.UUID(conversation_id)):
        enqueue_title(uuid.UUID(conversation_id), wait=LATER_SECONDS)


@shared_task(name="chat.tasks.title_untitled")
def title_untitled() -> None:
    """Queue the conversations whose title was never made, because a queue or an engine was down."""
    for conversation_id in titles.untitled():
        enqueue_title(conversation_id)


def enqueue_title(conversation_id: uuid.UUID, wait: int = 0) -> None:
    """Ask for a title, at once or a while from now; without a queue the next sweep gives one."""
    try:
        give_title.apply_async((str(conversation_id),), retry=False, countdown=wait, expires=wait + SWEEP_SECONDS)
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


@shared_task(name=TASK)
def run_job(job_id: str) -> None:
    """Go on with a job for a while, and queue the rest of it behind what waits."""
    if runner.run(uuid.UUID(job_id)):
        ring(uuid.UUID(job_id))


@shared_task(name="chat.tasks.sweep_jobs")
def sweep_jobs() -> None:
    """Queue the jobs that nobody is busy with: a worker was killed, or the queue was down."""
    runner.sweep()


@shared_task(name="chat.tasks.nightly")
def nightly() -> None:
    """Ask for what is done once a day."""
    clock.ask_nightly()


@shared_task(name="chat.tasks.hourly")
def hourly() -> None:
    """Ask for what is done every hour."""
    clock.ask_hourly()


@shared_task(name="chat.tasks.roll_up_today")
def roll_up_today() -> None:
    """Ask for today's usage so far to be added up."""
    clock.ask_rollup()
