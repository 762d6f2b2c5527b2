from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Organization, User
from chat.models.job_state import JobState


class Job(models.Model):
    """A piece of long work. This row, not the queue, says whether it is to be done: it is held and ended here.

    `kind` names what does it (chat.jobs.kinds); `key` makes it one: a second job of a kind with the same key is not
    made while the first is open. `cursor` is where it goes on; `done` of `total` is its progress. `facts` hold what
    it needs and `result` what it found, never message text.
    """

    State = JobState

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120, blank=True)
    # None: the platform's own.
    organization = models.ForeignKey(Organization, null=True, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    facts = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    cursor = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    # A sentence about how it ended.
    words = models.CharField(max_length=300, blank=True)
    # How often it was taken up; who holds it now says so with this number.
    turn = models.PositiveIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    not_before = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=models.Q(state__in=["queued", "running"]) & ~models.Q(key=""),
                name="chat_one_open_job",
            )
        ]
        indexes = [
            models.Index(fields=["organization", "-created_at"], name="chat_job_newest"),
            models.Index(
                fields=["created_at"], condition=models.Q(state__in=["queued", "running"]), name="chat_job_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.state}"
