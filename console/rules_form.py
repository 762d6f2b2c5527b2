"""The form of an organization's rules for reasoning and sampling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.models import Role
from console.rules_draft import KEPT, drafted
from console.sampling_fields import number_field, typed_sampling
from inference.actions.rules import RulesDraft
from inference.effort import Effort
from inference.effort_words import effort_choices, effort_words
from inference.models import Rules
from inference.rulebook import CEILINGS, Rulebook
from inference.sampling import SamplingError, parse_sampling

KEEP = [("", "As the platform says"), ("yes", "Send them back"), ("no", "Leave them out")]


class RulesForm(forms.Form):
    """What is left open is the platform's to say."""

    reasoning_default = forms.ChoiceField(label="Where nobody chooses", required=False)
    reasoning_ceiling = forms.ChoiceField(label="At most", required=False)
    reasoning_locked = forms.BooleanField(
        label="Lock it",
        required=False,
        help_text="Assistants and people cannot choose another one.",
    )
    reasoning_visibility = forms.ChoiceField(
        label="Who sees what the model thought", required=False, choices=Rules.Visibility.choices
    )
    reasoning_roles = forms.MultipleChoiceField(
        label="These roles", required=False, choices=Role.choices, widget=forms.CheckboxSelectMultiple
    )
    keep_reasoning = forms.TypedChoiceField(
        label="Earlier thoughts of a conversation",
        required=False,
        choices=KEEP,
        coerce=KEPT.__getitem__,
        empty_value=None,
        help_text="Sending them back costs context; Hermes 4 is used without.",
    )

    def __init__(self, *arguments: Any, rules: Rulebook, **options: Any) -> None:
        super().__init__(*arguments, **options)
        platform = rules.platform
        if platform.reasoning_locked:
            self.fields["reasoning_default"].help_text = "The platform has locked its own: this changes nothing now."
        above = parse_sampling(platform.ceilings)
        for name in CEILINGS:
            self.fields[name] = number_field(name, getattr(above, name), "the platform’s ceiling")
            self.fields[name].widget.attrs["placeholder"] = "No ceiling"
        self._offer("reasoning_default", effort_choices(_left("As the platform says", platform.reasoning_default)))
        ceilings = [one for one in Effort if one.thinks]
        self._offer(
            "reasoning_ceiling", effort_choices(_left("As the platform says", platform.reasoning_ceiling), ceilings)
        )

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @property
    def ceilings(self) -> list[forms.BoundField]:
        return [self[name] for name in CEILINGS]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        try:
            parse_sampling(typed_sampling(cleaned, CEILINGS))
        except SamplingError as error:
            self.add_error(error.field, error.words)
        return cleaned

    @property
    def draft(self) -> RulesDraft:
        """What was chosen, once it is valid."""
        return drafted(self.cleaned_data)


def shown_rules(rules: Rules) -> Mapping[str, Any]:
    """Return rules as their form shows them."""
    return {
        "reasoning_default": rules.reasoning_default,
        "reasoning_ceiling": rules.reasoning_ceiling,
        "reasoning_locked": rules.reasoning_locked,
        "reasoning_visibility": rules.reasoning_visibility,
        "reasoning_roles": rules.reasoning_roles,
        "keep_reasoning": next(name for name, value in KEPT.items() if value == rules.keep_reasoning),
        **rules.ceilings,
    }


def _left(words: str, effort: str) -> str:
    return f"{words} ({effort_words(Effort(effort)).lower()})" if effort else words
