from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Organization, User


class Conversation(models.Model):
    """A tree of messages that belongs to one person in one organization. The browser makes its id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200, blank=True)
    titled_by_owner = models.BooleanField(default=False)
    pinned_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    # A temporary chat: in no list, without a title, and gone a while after it was begun.
    is_temporary = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    # The last message of the branch that is shown.
    head = models.ForeignKey("chat.Message", null=True, on_delete=models.SET_NULL, related_name="+")
    # What its owner chose for the answers to come (chat.options).
    options = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(
                fields=["organization", "owner", "-updated_at"],
                condition=models.Q(deleted_at=None),
                name="chat_conversation_listing",
            )
        ]

    def __str__(self) -> str:
        return self.title or "New chat"
