from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Organization, User


class PolicyVersion(models.Model):
    """One version of an organization's policy. Only a draft's document changes; `digest` is its SHA-256."""

    class State(models.TextChoices):
        DRAFT = "draft"
        """It may be edited."""
        TESTED = "tested"
        """Its golden cases pass; an edit makes it a draft again."""
        PUBLISHED = "published"
        """It is enforced."""
        SUPERSEDED = "superseded"
        """It was enforced; it can be published again."""
        DISCARDED = "discarded"
        """It was a draft."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    name = models.CharField(max_length=120)
    note = models.CharField(max_length=500, blank=True)
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    # Counts the edits: who saves says which one was read.
    revision = models.PositiveIntegerField(default=1)
    base = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    edited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    edited_at = models.DateTimeField(default=timezone.now)
    # What the golden cases said last: [{"case": 0, "expected": "block", "found": "allow", "rules": []}, …]
    report = models.JSONField(default=list)
    tested_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    approved_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(null=True)
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="moderation_version_number"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.number}"
