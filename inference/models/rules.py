from __future__ import annotations

from typing import Any

from django.db import models

from accounts.models import Organization
from inference.effort import Effort

EFFORTS = [(one.value, one.value) for one in Effort]


class Rules(models.Model):
    """What an administrator sets for reasoning and sampling; empty leaves it to the level above."""

    class Visibility(models.TextChoices):
        UNSET = "", "As the platform says"
        EVERYONE = "everyone", "Everyone"
        ROLES = "roles", "Some roles"
        NOBODY = "nobody", "Nobody; kept for review"

    reasoning_default = models.CharField(max_length=8, choices=EFFORTS, blank=True, default="")
    reasoning_ceiling = models.CharField(max_length=8, choices=EFFORTS, blank=True, default="")
    reasoning_locked = models.BooleanField(default=False)
    reasoning_visibility = models.CharField(max_length=10, choices=Visibility, blank=True, default="")
    # Roles that see it when `reasoning_visibility` is "roles".
    reasoning_roles = models.JSONField(default=list, blank=True)
    # Whether earlier thoughts are sent back to the model; None leaves it to the level above.
    keep_reasoning = models.BooleanField(null=True, blank=True)
    # Ceilings, as inference.sampling.parse_sampling reads them.
    ceilings = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True


class PlatformRules(Rules):
    """The operator's own, for every organization. There is one row at most."""

    class Meta:
        verbose_name = "platform rules"
        verbose_name_plural = "platform rules"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="inference_one_platform_rules")]

    def __str__(self) -> str:
        return "Platform rules"

    def save(self, *arguments: Any, **options: Any) -> None:
        self.id = 1
        super().save(*arguments, **options)


class OrganizationRules(Rules):
    """An organization's own."""

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, related_name="+", primary_key=True)

    def __str__(self) -> str:
        return f"Rules of {self.organization}"
