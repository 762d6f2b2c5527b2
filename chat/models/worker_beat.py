from __future__ import annotations

from django.db import models


class WorkerBeat(models.Model):
    """The sign of life of one worker process, renewed every second by the database's clock."""

    id = models.UUIDField(primary_key=True)
    host = models.CharField(max_length=200)
    process = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Worker {self.id} on {self.host}"
