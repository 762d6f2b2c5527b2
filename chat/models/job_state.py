from __future__ import annotations

from django.db import models


class JobState(models.TextChoices):
    """Where long work stands: a job, or a backtest."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
