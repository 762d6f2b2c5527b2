from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from accounts.models.membership import Role
from accounts.models.organization import Organization
from accounts.models.user import User


class Invitation(models.Model):
    """A link that lets one person join once. Only the token's SHA-256 is stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254, blank=True)
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    token_digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return f"Invitation to {self.organization} as {self.role}"

    @property
    def is_open(self) -> bool:
        """Whether nobody has used it yet and somebody still can."""
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > timezone.now()
