from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from chat.models.conversation import Conversation


class Message(models.Model):
    """One message of the tree: a list of typed parts, never HTML. The browser makes a prompt's id."""

    class Role(models.TextChoices):
        USER = "user"
        ASSISTANT = "assistant"

    class Release(models.TextChoices):
        PENDING = "pending"
        """Its author sees it; no list, title, search or export does."""
        RELEASED = "released"
        HELD = "held"
        """A prompt that waits for a reviewer; its text is in the review record."""
        WITHHELD = "withheld"
        """A prompt that the policy refused; its text is in the review record, or nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="children")
    role = models.CharField(max_length=10, choices=Role)
    release = models.CharField(max_length=10, choices=Release, default=Release.PENDING)
    parts = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    # What the policy read of it and found (chat.coverage).
    coverage = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["conversation", "created_at"], name="chat_message_in_order")]

    def __str__(self) -> str:
        return f"{self.role} message {self.id}"
