from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Group, Organization, User


class Exemption(models.Model):
    """For a time, a person or a group may do what one category or one rule forbids. Hits are counted all the same."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    group = models.ForeignKey(Group, null=True, on_delete=models.CASCADE, related_name="+")
    category = models.CharField(max_length=64, blank=True)
    rule = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=500)
    # Who answers for it.
    granted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()
    revoked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=True) ^ models.Q(group__isnull=True), name="moderation_exempt_one"
            ),
            models.CheckConstraint(
                condition=models.Q(category="") ^ models.Q(rule=""), name="moderation_exempt_from_one"
            ),
        ]
        indexes = [models.Index(fields=["organization", "ends_at"], name="moderation_exempt_until")]

    def __str__(self) -> str:
        return f"Exemption from {self.category or self.rule} until {self.ends_at}"
