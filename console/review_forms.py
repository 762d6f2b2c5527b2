"""What a reviewer fills in."""

from __future__ import annotations

from django import forms

from chat.actions.decisions import Decision
from chat.actions.reviews import NOTE_CHARACTERS

CASE_CHARACTERS = 2000


class DecisionForm(forms.Form):
    """`decision` is the button that was pressed."""

    decision = forms.ChoiceField(choices=[("uphold", "Agree"), ("overturn", "Overturn")], widget=forms.HiddenInput)
    note = forms.CharField(
        label="Note to the member (optional)",
        required=False,
        max_length=NOTE_CHARACTERS,
        help_text="It is shown beside your decision.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    golden = forms.BooleanField(
        label="Make this a golden case",
        required=False,
        help_text="The policy is tested with it before every publishing: what you decide here must come out.",
    )
    case = forms.CharField(
        label="Text of the case",
        required=False,
        max_length=CASE_CHARACTERS,
        help_text="Administrators read it in the policy, where it stays when the message is deleted. Take out names "
        "and whatever the case does not need.",
        widget=forms.Textarea(attrs={"rows": 4, "class": "typed"}),
    )

    def clean(self) -> dict[str, object]:
        """Ask for the text of a case that is to be made."""
        found = self.cleaned_data
        if found.get("golden") and not found.get("case", "").strip():
            self.add_error("case", "A golden case needs a text. Write one, or take the tick away.")
        return found

    @property
    def chosen(self) -> Decision:
        """Return what was decided."""
        found = self.cleaned_data
        return Decision(
            overturn=found["decision"] == "overturn",
            note=found["note"],
            case=found["case"] if found["golden"] else "",
        )
