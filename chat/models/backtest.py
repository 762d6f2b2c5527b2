from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Organization, User
from chat.models.job_state import JobState
from moderation.models import PolicyVersion


class Backtest(models.Model):
    """A run of a policy version over what was said in a period, beside the version that was enforced when it began.

    `done` of `total` messages are read; `cursor` is the last one, so that a killed job goes on from there. `result`
    holds counts by rule, role and channel, and places (message, channel, start, end) of samples, never text.
    """

    State = JobState

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(PolicyVersion, on_delete=models.CASCADE, related_name="+")
    against = models.ForeignKey(PolicyVersion, null=True, on_delete=models.SET_NULL, related_name="+")
    requested_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    # Whose texts are read: those of one role, of one group (its name); empty is everybody's.
    role = models.CharField(max_length=10, blank=True)
    group = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    # How often its process died since something was read.
    failures = models.PositiveSmallIntegerField(default=0)
    cursor = models.UUIDField(null=True)
    result = models.JSONField(default=dict)
    words = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organization", "-created_at"], name="chat_backtest_newest")]

    def __str__(self) -> str:
        return f"Backtest of {self.version}: {self.state}"
