from __future__ import annotations

from django.db import models

from accounts.models import Organization, User


class RiskScore(models.Model):
    """A person's score in an organization, as it was at `at`; it decays (moderation.risk)."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField(default=0.0)
    at = models.DateTimeField()
    # Set by an admin: what was before it does not count.
    cleared_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="moderation_one_score")]

    def __str__(self) -> str:
        return f"Risk of {self.user}: {self.score:.1f}"
