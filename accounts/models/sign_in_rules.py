from __future__ import annotations

from django.db import models

from accounts.models.organization import Organization


class SignInRules(models.Model):
    """What an organization asks of its members' sign-in; without a row nothing."""

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, related_name="+", primary_key=True)
    # Roles that need a second factor to open the organization.
    second_factor_roles = models.JSONField(default=list, blank=True)
    # Hours after which a session must be begun anew; None is never.
    session_hours = models.PositiveIntegerField(null=True, blank=True)
    # Domains that invitations may go to, in lower case; none is any.
    domains = models.JSONField(default=list, blank=True)
    # Counts the changes, so that two who change at once do not overwrite each other.
    version = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"Sign-in rules of {self.organization}"
