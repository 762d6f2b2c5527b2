from __future__ import annotations

from django.db import models


class WorkerBeat(models.Model):
    """The sign of life of one worker process, renewed every second by the database's clock."""

    id = models.UUIDField(primary_key=True)
    host = models.CharField(max_length=200)
    process = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    # What the worker knows of the default model: {"ready": bool, "model": name, "words": why not, "default": id}, and
    # how many answers of each it can make at once: {"slots": {id: count}}
    engine = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"Worker {self.id} on {self.host}"
