from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Organization, User
from chat.models.conversation import Conversation


class BreakGlassRules(models.Model):
    """How an organization lets somebody read a member's conversation; without a row: two people, told at once."""

    class Notice(models.TextChoices):
        NOW = "now", "As soon as it is opened"
        AFTER = "after", "When the time is over"

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, related_name="+", primary_key=True)
    second_person = models.BooleanField(default=True)
    notice = models.CharField(max_length=5, choices=Notice, default=Notice.NOW)
    # The longest that one may be open.
    most_hours = models.PositiveSmallIntegerField(default=24)

    def __str__(self) -> str:
        return f"Break-glass rules of {self.organization}"


class BreakGlass(models.Model):
    """One person's leave to read one conversation of somebody else, for a reason, for a time."""

    class State(models.TextChoices):
        REQUESTED = "requested"
        OPEN = "open"
        REFUSED = "refused"
        CLOSED = "closed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    # Gone with it; what was read stays in the audit record.
    conversation = models.ForeignKey(Conversation, null=True, on_delete=models.SET_NULL, related_name="+")
    # Whose it is.
    member = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    requested_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=500)
    hours = models.PositiveSmallIntegerField()
    notice = models.CharField(max_length=5, choices=BreakGlassRules.Notice)
    state = models.CharField(max_length=9, choices=State, default=State.REQUESTED)
    created_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    opened_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    pages_read = models.PositiveIntegerField(default=0)
    # When the member may see it, and when they have.
    noticed_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "-created_at"], name="chat_break_glass_newest"),
            models.Index(fields=["member", "-noticed_at"], name="chat_break_glass_noticed"),
        ]

    def __str__(self) -> str:
        return f"Break-glass {self.state} {self.created_at:%Y-%m-%d}"
