from __future__ import annotations

from django.db import models

from accounts.models.organization import Organization


class FeatureSwitch(models.Model):
    """The operator's word on a feature (accounts.features), for everybody or for one organization."""

    name = models.CharField(max_length=40)
    # None: everybody without a row of their own.
    organization = models.ForeignKey(Organization, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    is_on = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "feature switches"
        constraints = [
            models.UniqueConstraint(
                fields=["name", "organization"], nulls_distinct=False, name="accounts_one_word_on_a_feature"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {'on' if self.is_on else 'off'}"
