from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Organization, User
from moderation.models import PolicyVersion


class Review(models.Model):
    """What a policy withheld of one message, and what became of it.

    `sealed` holds what was withheld, as JSON that only this installation opens: {"text", "spans": [[start, end]],
    "before"}; it is empty where the policy keeps nothing. Readers other than the author get a window of it.
    """

    class State(models.TextChoices):
        KEPT = "kept"
        """Nobody has asked for anything."""
        OPEN = "open"
        """It waits for a reviewer: it is held, or its author appealed."""
        UPHELD = "upheld"
        """A reviewer agreed with the policy."""
        OVERTURNED = "overturned"
        """A reviewer decided otherwise."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey("chat.Conversation", on_delete=models.CASCADE, related_name="reviews")
    message = models.ForeignKey("chat.Message", on_delete=models.CASCADE, related_name="reviews")
    generation_id = models.UUIDField()
    version = models.ForeignKey(PolicyVersion, null=True, on_delete=models.SET_NULL, related_name="+")
    channel = models.CharField(max_length=12)
    rule = models.CharField(max_length=64)
    category = models.CharField(max_length=64)
    verdict = models.CharField(max_length=8)
    state = models.CharField(max_length=10, choices=State, default=State.KEPT)
    sealed = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    appealed_at = models.DateTimeField(null=True)
    appeal = models.CharField(max_length=1000, blank=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=1000, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["organization", "created_at"],
                condition=models.Q(state="open"),
                name="chat_review_inbox",
            ),
            models.Index(fields=["message"], name="chat_review_of_message"),
        ]

    def __str__(self) -> str:
        return f"Review of {self.channel} by {self.rule}: {self.state}"
