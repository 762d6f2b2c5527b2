from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models.organization import Organization
from accounts.models.user import User


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    REVIEWER = "reviewer", "Reviewer"
    MEMBER = "member", "Member"


class Membership(models.Model):
    """Say that a person belongs to an organization, and as what.

    Leaving or being removed deletes the row; `deactivated_at` keeps it but shuts the door.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    created_at = models.DateTimeField(default=timezone.now)
    deactivated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="accounts_one_membership")]

    def __str__(self) -> str:
        return f"{self.user} in {self.organization} as {self.role}"

    @property
    def administers(self) -> bool:
        """Whether this person manages people and settings here."""
        return self.role in (Role.OWNER, Role.ADMIN)
