from __future__ import annotations

from django.db import models

from accounts.models.organization import Organization


class Branding(models.Model):
    """How an organization's pages greet its people; empty is the product's own."""

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, related_name="+", primary_key=True)
    # What is shown in place of the product's name, and above an empty chat.
    title = models.CharField(max_length=40, blank=True)
    welcome = models.CharField(max_length=200, blank=True)
    # One of a few colours that keep their contrast (accounts.branding); empty is the product's.
    accent = models.CharField(max_length=12, blank=True)
    # Where people find the rules of use, shown with receipts; https only.
    guidance_url = models.URLField(max_length=300, blank=True)
    # Counts the changes, so that two who change at once do not overwrite each other.
    version = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"Branding of {self.organization}"
