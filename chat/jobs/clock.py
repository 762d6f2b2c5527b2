"""What the clock asks for."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from chat.exports.keeping import delete_old_exports
from chat.jobs.actions import ask
from chat.models import Job
from chat.retention import schedule as retention
from inference.usage_rollup import first_day_to_roll_up

# The clock's own jobs that went well are many, and of no interest to anybody.
CLOCK_KEPT = timedelta(days=2)
KEPT = timedelta(days=90)


def ask_nightly() -> None:
    """Ask for what is done once a day: yesterday for good, and what the night is for."""
    yesterday = (timezone.now() - timedelta(days=1)).date()
    # Nights that were missed are made up for.
    _ask_rollup(first_day_to_roll_up(yesterday), yesterday)
    retention.ask_nightly()
    ask("reconcile", key="nightly")
    forget_old()


def ask_hourly() -> None:
    """Ask for what is done every hour."""
    retention.ask_hourly()
    delete_old_exports()


def ask_rollup() -> None:
    """Ask for today's sums so far."""
    today = timezone.now().date()
    _ask_rollup(today, today)


def forget_old() -> None:
    """Delete the rows of jobs that ended long ago."""
    now = timezone.now()
    Job.objects.filter(ended_at__lt=now - KEPT).delete()
    Job.objects.filter(owner=None, organization=None, state=Job.State.DONE, ended_at__lt=now - CLOCK_KEPT).delete()


def _ask_rollup(since: date, until: date) -> None:
    days = {"since": since.isoformat(), "until": until.isoformat()}
    ask("rollup", key=" ".join(days.values()), facts=days)
