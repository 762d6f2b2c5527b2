from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Organization, User
from chat.models.message import Message
from chat.states import State
from inference.models import ChatModel
from moderation.models import PolicyVersion


class Generation(models.Model):
    """The making of one answer. Who holds (worker, epoch) may write; every move is a guarded update."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="generation")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=12, choices=[(state.value, state.value) for state in State], default=State.QUEUED.value
    )
    epoch = models.PositiveIntegerField(default=0)
    worker_id = models.UUIDField(null=True)
    stop_requested_at = models.DateTimeField(null=True)
    queued_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    first_token_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # The last log entry that message.parts holds.
    sequence = models.PositiveIntegerField(default=0)
    model = models.CharField(max_length=200, blank=True)
    words = models.CharField(max_length=300, blank=True)
    usage = models.JSONField(default=dict)
    # The model that is to answer; None is the default one. It may be gone from the registry since.
    chat_model = models.ForeignKey(ChatModel, null=True, on_delete=models.SET_NULL, related_name="+")
    # What was chosen for this answer alone (chat.options).
    options = models.JSONField(default=dict)
    # The policy it runs under, frozen at its first claim; None is none.
    policy = models.ForeignKey(PolicyVersion, null=True, on_delete=models.SET_NULL, related_name="+")
    # What a quota leaves it: {"context", "budget", "answer"}, in tokens (inference.quotas.caps).
    caps = models.JSONField(default=dict)
    # The tokens that its shares were charged when it was taken from a line; 0 where nobody else waited.
    charged = models.PositiveIntegerField(default=0)
    # How it was made, resolved (chat.manifest): enough to make it again.
    manifest = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(
                fields=["queued_at"],
                condition=models.Q(state=State.QUEUED.value),
                name="chat_generation_queue",
            ),
            models.Index(
                fields=["worker_id"],
                condition=models.Q(state=State.RUNNING.value),
                name="chat_generation_running",
            ),
        ]
        constraints = [
            # How long it has held its slot is read from this: the estimates of those in line stand on it.
            models.CheckConstraint(
                condition=~models.Q(state=State.RUNNING.value) | models.Q(claimed_at__isnull=False),
                name="chat_generation_running_is_claimed",
            ),
        ]

    def __str__(self) -> str:
        return f"Generation {self.id} {self.state}"
