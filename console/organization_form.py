"""The form of an organization's name and branding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.actions.branding import BrandingDraft
from accounts.branding import ACCENTS, PRODUCT, is_https
from accounts.models import Branding, Organization


class OrganizationForm(forms.Form):
    """What everybody in the organization sees. `version` is the one that was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(label="Name", max_length=120, help_text="As everybody in it sees it.")
    title = forms.CharField(
        label="Title",
        max_length=40,
        required=False,
        help_text=f"Stands above the chats in place of “{PRODUCT}”.",
    )
    welcome = forms.CharField(
        label="Welcome", max_length=200, required=False, help_text="A sentence above an empty chat."
    )
    accent = forms.ChoiceField(
        label="Accent colour", required=False, choices=list(ACCENTS.items()), widget=forms.RadioSelect
    )
    guidance_url = forms.CharField(
        label="Rules of use",
        max_length=300,
        required=False,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text="Where yours are written. People find the link beside what a policy withheld.",
    )

    def clean_guidance_url(self) -> str:
        address = str(self.cleaned_data["guidance_url"])
        if address and not is_https(address):
            raise forms.ValidationError("Give an address that begins with https://, or leave it empty.")
        return address

    def reread(self, version: int) -> None:
        """Go on from a newer version: what was typed stays, and saving it again takes that one's place."""
        self.data = {**dict(self.data.items()), "version": str(version)}

    @property
    def draft(self) -> BrandingDraft:
        """What was typed, once it is valid."""
        return BrandingDraft(**{name: value for name, value in self.cleaned_data.items() if name != "version"})


def shown_organization(organization: Organization) -> Mapping[str, Any]:
    """Return name and branding as their form shows them."""
    kept = Branding.objects.filter(organization=organization).first() or Branding()
    return {
        "version": kept.version,
        "name": organization.name,
        "title": kept.title,
        "welcome": kept.welcome,
        "accent": kept.accent,
        "guidance_url": kept.guidance_url,
    }
