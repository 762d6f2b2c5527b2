from __future__ import annotations

from django.db import models

from accounts.models import Organization
from moderation.models.policy_version import PolicyVersion


class OrganizationPolicy(models.Model):
    """Which version an organization enforces, and which one only watches. No row: nothing is enforced."""

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, primary_key=True, related_name="+")
    enforced = models.ForeignKey(PolicyVersion, null=True, on_delete=models.PROTECT, related_name="+")
    shadow = models.ForeignKey(PolicyVersion, null=True, on_delete=models.SET_NULL, related_name="+")
    # Whether somebody other than a version's last editor must approve it before it is published.
    second_approver = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "organization policies"

    def __str__(self) -> str:
        return f"Policy of {self.organization}"
