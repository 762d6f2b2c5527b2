from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import Organization, User
from moderation.models.policy_version import PolicyVersion


class HitRecord(models.Model):
    """What a rule found in one text, counted: no text, no offsets (those are in the message's coverage).

    `verdict` and `channel` are the words of moderation.verdict and moderation.channel. Ids of generation and
    message outlive them.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    version = models.ForeignKey(PolicyVersion, null=True, on_delete=models.SET_NULL, related_name="+")
    rule = models.CharField(max_length=64)
    category = models.CharField(max_length=64)
    verdict = models.CharField(max_length=8)
    severity = models.PositiveSmallIntegerField(default=2)
    channel = models.CharField(max_length=12)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    role = models.CharField(max_length=10, blank=True)
    groups = models.JSONField(default=list)
    generation_id = models.UUIDField(null=True)
    message_id = models.UUIDField(null=True)
    count = models.PositiveIntegerField(default=1)
    # Found by the version that only watches.
    shadow = models.BooleanField(default=False)
    exempt = models.BooleanField(default=False)
    # The rule could not be applied.
    failed = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "-at"], name="moderation_hits_newest"),
            models.Index(fields=["organization", "user", "-at"], name="moderation_hits_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.verdict} in {self.channel}"
