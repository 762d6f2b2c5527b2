from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone


class Organization(models.Model):
    """A company or team: the border that conversations, people and policies do not cross."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    deactivated_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
