"""The form of what an organization asks of its members' sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from accounts.actions.sign_in_rules import SignInDraft
from accounts.models import Organization, Role, SignInRules
from accounts.sign_in_rules import LONGEST_HOURS, read_domains

MOST_DOMAINS = 50


class SignInForm(forms.Form):
    """What is left empty is not asked. `version` is the one that was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    second_factor_roles = forms.MultipleChoiceField(
        label="A second factor for", required=False, choices=Role.choices, widget=forms.CheckboxSelectMultiple
    )
    session_hours = forms.IntegerField(
        label="Sign in again after (hours)",
        required=False,
        min_value=1,
        max_value=LONGEST_HOURS,
        help_text="Empty: never, as long as people come back. It holds for sessions that are open now, too.",
    )
    domains = forms.CharField(
        label="Domains of invitations",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "example.com"}),
        help_text="Only their addresses can join, whatever link they have. Empty: any. Who is here already stays.",
    )

    def clean_domains(self) -> list[str]:
        good, bad = read_domains(self.cleaned_data["domains"])
        if bad:
            raise forms.ValidationError(f"This is no domain: {', '.join(bad)[:200]}. Write them like example.com.")
        if len(good) > MOST_DOMAINS:
            raise forms.ValidationError(f"These are {len(good)} domains. At most {MOST_DOMAINS} are possible.")
        return good

    def reread(self, version: int) -> None:
        """Go on from a newer version: what was typed stays, and saving it again takes that one's place."""
        kept = {name: self.data.getlist(name) for name in self.data} if isinstance(self.data, QueryDict) else {}
        self.data = MultiValueDict({**kept, "version": [str(version)]})

    @property
    def draft(self) -> SignInDraft:
        """What was chosen, once it is valid."""
        return SignInDraft(
            second_factor_roles=[Role(one) for one in self.cleaned_data["second_factor_roles"]],
            session_hours=self.cleaned_data["session_hours"],
            domains=self.cleaned_data["domains"],
        )


def shown_sign_in(organization: Organization) -> Mapping[str, Any]:
    """Return the rules as their form shows them."""
    kept = SignInRules.objects.filter(organization=organization).first() or SignInRules()
    return {
        "version": kept.version,
        "second_factor_roles": kept.second_factor_roles,
        "session_hours": kept.session_hours,
        "domains": "\n".join(kept.domains),
    }
