"""The form of an assistant."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from django import forms

from accounts.models import Membership
from console.json_field import JsonTextField
from console.sampling_fields import number_field, shown_sampling, stops_field, typed_sampling
from inference.actions.presets import LONGEST_PROMPT, SCHEMA, PresetDraft
from inference.declarations import EXAMPLE
from inference.effort import Effort
from inference.effort_words import effort_choices
from inference.json_text import print_json
from inference.models import Preset
from inference.queries import models_for, rules_of, schemas_for
from inference.rulebook import Rulebook
from inference.sampling import BOUNDS, SamplingError, parse_sampling

FORMATS = [("", "Text"), ("json", "JSON"), (SCHEMA, "JSON by a schema")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetChoices:
    """What an assistant may be made of in an organization."""

    models: list[tuple[str, str]]
    schemas: list[tuple[str, str]]
    rules: Rulebook

    @classmethod
    def of(cls, acting: Membership, preset: Preset | None = None) -> Self:
        """Read the choices; what a preset has and is offered no more stays among them, marked."""
        organization_id = acting.organization_id
        platform, own = rules_of(organization_id)
        models = [(str(one.id), one.name) for one in models_for(organization_id)]
        schemas = [(str(one.schema_id), one.schema.name) for one in schemas_for(organization_id)]
        found = cls(models=models, schemas=schemas, rules=Rulebook(platform=platform, organization=own))
        return found if preset is None else found.with_kept(preset)

    def with_kept(self, preset: Preset) -> Self:
        """Add what a preset has and is offered no more."""
        kept = replace(self)
        for offered, one, why in (
            (kept.models, preset.chat_model, "not available now"),
            (kept.schemas, preset.schema, "archived"),
        ):
            if one is not None and str(one.id) not in dict(offered):
                offered.append((str(one.id), f"{one.name} ({why})"))
        return kept


class PresetForm(forms.Form):
    """Everything that an assistant is. `version` is the one that was read."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, initial=0)
    name = forms.CharField(label="Name", max_length=80)
    description = forms.CharField(
        label="Description", max_length=300, required=False, help_text="What it is for, in the list of assistants."
    )
    system_prompt = forms.CharField(
        label="Instructions",
        required=False,
        strip=False,
        max_length=LONGEST_PROMPT,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=f"What the model is told before every conversation. At most {LONGEST_PROMPT:,} characters.",
    )
    model = forms.ChoiceField(label="Model", required=False)
    effort = forms.ChoiceField(label="Reasoning", required=False)
    format = forms.ChoiceField(label="Answers are", required=False, choices=FORMATS)
    schema = forms.ChoiceField(
        label="Schema", required=False, help_text="For “JSON by a schema”: always its newest version."
    )
    tools = JsonTextField(
        rows=8,
        nothing=[],
        required=False,
        label="Tools",
        help_text="A JSON list of functions, as OpenAI declares them.",
    )

    def __init__(self, *arguments: Any, choices: PresetChoices, **options: Any) -> None:
        super().__init__(*arguments, **options)
        ceilings = choices.rules.ceilings
        for name in BOUNDS:
            self.fields[name] = number_field(name, getattr(ceilings, name), "your ceiling")
        self.fields["stop"] = stops_field()
        self.fields["tools"].widget.attrs["placeholder"] = EXAMPLE
        self.fields["effort"].help_text = _effort_help(choices.rules)
        self._offer("model", [("", "The default model"), *choices.models])
        self._offer("schema", [("", "None"), *choices.schemas])
        self._offer("effort", effort_choices("As the organization says"))

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean_version(self) -> int:
        return self.cleaned_data["version"] or 0

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        try:
            parse_sampling(typed_sampling(cleaned))
        except SamplingError as error:
            self.add_error(error.field, error.words)
        return cleaned

    @property
    def draft(self) -> PresetDraft:
        """What was typed, once it is valid."""
        typed = self.cleaned_data
        return PresetDraft(
            name=typed["name"],
            description=typed["description"],
            system_prompt=typed["system_prompt"].replace("\r\n", "\n"),
            model_id=uuid.UUID(typed["model"]) if typed["model"] else None,
            effort=Effort(typed["effort"]) if typed["effort"] else None,
            sampling=parse_sampling(typed_sampling(typed)),
            format=typed["format"],
            schema_id=uuid.UUID(typed["schema"]) if typed["schema"] else None,
            tools=typed["tools"],
        )

    def reread(self, version: int) -> None:
        """Go on from a newer version: what was typed stays, and saving it again takes that one's place."""
        self.data = {**dict(self.data.items()), "version": str(version)}


def shown_preset(preset: Preset) -> Mapping[str, Any]:
    """Return an assistant as its form shows it."""
    return {
        "version": preset.version,
        "name": preset.name,
        "description": preset.description,
        "system_prompt": preset.system_prompt,
        "model": str(preset.chat_model_id or ""),
        "effort": preset.effort,
        "format": preset.format,
        "schema": str(preset.schema_id or ""),
        "tools": print_json(preset.tools) if preset.tools else "",
        **shown_sampling(preset.sampling),
    }


def _effort_help(rules: Rulebook) -> str:
    if rules.locked:
        return "Reasoning is locked for everybody: this changes nothing until it is unlocked."
    if rules.ceiling is not Effort.ON:
        return f"Your ceiling is “{rules.ceiling.value}”: more than that becomes that."
    return "People may choose another one in a conversation."
