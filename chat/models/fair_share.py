from __future__ import annotations

from django.db import models

from accounts.models import Organization, User


class FairShare(models.Model):
    """How much of the engine an organization, or a person in it, was given while others waited: tokens / weight.

    Who has the least is next (chat.fairness). `served` is compared among those who wait; who comes back after a pause
    begins where the least of them is.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    # None: the organization itself.
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    # Set by the operator for organizations. 3 is served three times as much as 1.
    weight = models.PositiveSmallIntegerField(default=1)
    served = models.FloatField(default=0.0)
    # What one of an organization's answers costs, in tokens; the newest count most. None: not known yet.
    typical = models.FloatField(null=True)
    # The newest prompt of theirs that waited when they were last served or came back.
    seen_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user"], nulls_distinct=False, name="chat_one_fair_share"
            ),
            models.CheckConstraint(condition=models.Q(weight__gte=1), name="chat_fair_share_weighs"),
        ]

    def __str__(self) -> str:
        return f"Share of {self.organization}: {self.weight}"
