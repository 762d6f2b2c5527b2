"""The form with which a policy is tried."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Membership, Role
from console.policy_trial import LONGEST
from console.queries import groups_of
from moderation.policy import Audience


class TrialForm(forms.Form):
    """A text, and whose it is."""

    prefix = "trial"

    text = forms.CharField(
        label="Text to try",
        required=False,
        strip=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "Type or paste something …"}),
        help_text="Nothing is kept.",
    )
    role = forms.ChoiceField(label="Whose", choices=Role.choices, initial=Role.MEMBER, required=False)
    groups = forms.MultipleChoiceField(label="In the groups", required=False, widget=forms.CheckboxSelectMultiple)
    ask = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, acting: Membership, **options: Any) -> None:
        super().__init__(*arguments, **options)
        field = self.fields["groups"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(one.name, one.name) for one in groups_of(acting)]
        self.has_groups = bool(field.choices)

    @property
    def audience(self) -> Audience:
        """Whose text it is, once the form is valid."""
        role = self.cleaned_data["role"] or Role.MEMBER.value
        return Audience(role=role, groups=frozenset(self.cleaned_data["groups"]))
