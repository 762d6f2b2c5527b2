from __future__ import annotations

from django.db import models

from moderation.models.policy_version import PolicyVersion


class ShadowTally(models.Model):
    """How often, on one day and one channel, a watching version agreed with the enforced one. Counts are texts."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.CASCADE, related_name="tallies")
    day = models.DateField()
    channel = models.CharField(max_length=12)
    agreed = models.PositiveIntegerField(default=0)
    stricter = models.PositiveIntegerField(default=0)
    milder = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "day", "channel"], name="moderation_one_tally")]
        verbose_name_plural = "shadow tallies"

    def __str__(self) -> str:
        return f"{self.version} on {self.day}"
