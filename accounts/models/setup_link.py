from __future__ import annotations

from django.db import models
from django.utils import timezone


class SetupLink(models.Model):
    """The one-time link with which the first owner founds the first organization. Stores the SHA-256."""

    token_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Set-up link of {self.created_at:%Y-%m-%d %H:%M}"
