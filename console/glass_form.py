"""What is filled in about break-glass."""

from __future__ import annotations

from typing import Any

from django import forms

from chat.actions.break_glass import MOST_HOURS
from chat.actions.holds import REASON_MOST
from chat.models import BreakGlassRules


class AskForm(forms.Form):
    """Why somebody wants to read a conversation, and for how long."""

    reason = forms.CharField(
        label="Reason",
        max_length=REASON_MOST,
        help_text="Who approves reads it, the member reads it, and it stands in the audit record.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    hours = forms.IntegerField(label="For how many hours")

    def __init__(self, *arguments: Any, rules: BreakGlassRules, **options: Any) -> None:
        super().__init__(*arguments, **options)
        hours = self.fields["hours"]
        hours.initial = min(4, rules.most_hours)
        hours.help_text = f"From its opening. {rules.most_hours} at the most; you can close it earlier."
        hours.widget.attrs.update({"min": 1, "max": rules.most_hours, "inputmode": "numeric"})
        hours.error_messages["invalid"] = f"Write a whole number from 1 to {rules.most_hours}."


class GlassRulesForm(forms.ModelForm):  # type: ignore[type-arg]
    """How an organization lets conversations be read."""

    class Meta:
        model = BreakGlassRules
        fields = ("second_person", "notice", "most_hours")
        labels = {
            "second_person": "A second person must approve",
            "notice": "The member is told",
            "most_hours": "Most hours that one may be open",
        }
        help_texts = {
            "second_person": "Somebody else of the owners, admins and reviewers, never the member.",
            "notice": "Who read it, when, why and how much. That they are told cannot be switched off.",
        }

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["most_hours"].widget.attrs.update({"min": 1, "max": MOST_HOURS, "inputmode": "numeric"})

    def clean_most_hours(self) -> int:
        """Say what can be typed."""
        hours = self.cleaned_data["most_hours"]
        if not isinstance(hours, int) or not 1 <= hours <= MOST_HOURS:
            raise forms.ValidationError(f"Write a whole number from 1 to {MOST_HOURS}.")
        return hours
