from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models.membership import Membership
from accounts.models.organization import Organization


class Group(models.Model):
    """A named set of members, for quotas and policies."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now)
    members = models.ManyToManyField(Membership, through="GroupMembership", related_name="groups")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="accounts_group_name")]

    def __str__(self) -> str:
        return self.name


class GroupMembership(models.Model):
    group = models.ForeignKey(Group, on_delete=models.CASCADE)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "membership"], name="accounts_once_in_group")]

    def __str__(self) -> str:
        return f"{self.membership} in {self.group}"
