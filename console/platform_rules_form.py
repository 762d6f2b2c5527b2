"""The form of the operator's rules for reasoning and sampling."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldBooleanSwitchWidget,
)

from accounts.models import Role
from console.rules_draft import KEPT, drafted
from console.sampling_fields import number_field, typed_sampling
from inference.actions.rules import RulesDraft, check_draft
from inference.effort import Effort
from inference.effort_words import effort_choices
from inference.models import PlatformRules, Rules
from inference.registry_errors import Invalid
from inference.rulebook import CEILINGS
from inference.sampling import WHOLE, SamplingError, parse_sampling

SEEN_BY = [
    ("", "Everyone, unless an organization says otherwise"),
    *((one.value, one.label) for one in Rules.Visibility if one.value),
]
KEEP = [("", "Leave them out, unless an organization says otherwise"), ("yes", "Send them back"), ("no", "Leave out")]


def _ceiling(name: str) -> forms.Field:
    field = number_field(name, None, "")
    widget = UnfoldAdminIntegerFieldWidget if name in WHOLE else UnfoldAdminDecimalFieldWidget
    field.widget = widget(attrs={"step": "1" if name in WHOLE else "any", "placeholder": "No ceiling"})
    return field


class PlatformRulesForm(forms.ModelForm):  # type: ignore[type-arg]
    """What is left open is each organization's to say; a ceiling or a lock here holds for all of them."""

    reasoning_default = forms.ChoiceField(
        label="Where nobody chooses",
        required=False,
        choices=effort_choices("Nothing set: the model answers at once"),
        widget=UnfoldAdminSelectWidget,
    )
    reasoning_ceiling = forms.ChoiceField(
        label="At most",
        required=False,
        choices=effort_choices("No ceiling", [one for one in Effort if one.thinks]),
        widget=UnfoldAdminSelectWidget,
    )
    reasoning_locked = forms.BooleanField(
        label="Lock it",
        required=False,
        help_text="Organizations, assistants and people cannot choose another one.",
        widget=UnfoldBooleanSwitchWidget,
    )
    reasoning_visibility = forms.ChoiceField(
        label="Who sees what the model thought", required=False, choices=SEEN_BY, widget=UnfoldAdminSelectWidget
    )
    reasoning_roles = forms.MultipleChoiceField(
        label="These roles",
        required=False,
        choices=Role.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="For “Some roles”.",
    )
    keep_reasoning = forms.TypedChoiceField(
        label="Earlier thoughts of a conversation",
        required=False,
        choices=KEEP,
        coerce=KEPT.__getitem__,
        empty_value=None,
        help_text="Sending them back costs context; Hermes 4 is used without.",
        widget=UnfoldAdminSelectWidget,
    )

    temperature = _ceiling("temperature")
    top_p = _ceiling("top_p")
    top_k = _ceiling("top_k")
    min_p = _ceiling("min_p")
    repetition_penalty = _ceiling("repetition_penalty")
    frequency_penalty = _ceiling("frequency_penalty")
    presence_penalty = _ceiling("presence_penalty")
    max_tokens = _ceiling("max_tokens")

    class Meta:
        model = PlatformRules
        fields = ()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        rules: PlatformRules = self.instance
        for name in CEILINGS:
            self.fields[name].initial = rules.ceilings.get(name)
        for name in ("reasoning_default", "reasoning_ceiling", "reasoning_locked", "reasoning_visibility"):
            self.fields[name].initial = getattr(rules, name)
        self.fields["reasoning_roles"].initial = rules.reasoning_roles
        # The admin puts the row's own values into `initial`, which stands above the fields' own.
        self.initial["keep_reasoning"] = next(word for word, kept in KEPT.items() if kept is rules.keep_reasoning)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        try:
            parse_sampling(typed_sampling(cleaned, CEILINGS))
            if not self.errors:
                check_draft(self.draft)
        except (Invalid, SamplingError) as error:
            self.add_error(error.field, error.words)
        return cleaned

    @property
    def draft(self) -> RulesDraft:
        """What was chosen."""
        return drafted(self.cleaned_data)
