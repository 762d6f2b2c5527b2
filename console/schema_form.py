"""The form of a schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from console.json_field import JsonTextField
from inference.json_text import LONGEST, print_json
from inference.models import SchemaVersion

EXAMPLE = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "population": {"type": "integer", "minimum": 0}},
    "required": ["city", "population"],
    "additionalProperties": False,
}


class SchemaForm(forms.Form):
    """A schema; `number` is the version that was read."""

    number = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, initial=0)
    name = forms.CharField(label="Name", max_length=80)
    description = forms.CharField(
        label="Description", max_length=300, required=False, help_text="What it describes, in the list of schemas."
    )
    document = JsonTextField(
        rows=18,
        label="JSON schema",
        help_text="Draft 2020-12. A model writes the fields in the order that they have here.",
    )

    def clean_number(self) -> int:
        return self.cleaned_data["number"] or 0

    def reread(self, number: int) -> None:
        """Go on from a newer version: what was typed stays, and saving it again makes the next one."""
        self.data = {**dict(self.data.items()), "number": str(number)}


class TrialForm(forms.Form):
    """A schema as it is typed now, and JSON to try it with."""

    document = JsonTextField(rows=18, label="JSON schema")
    sample = forms.CharField(label="JSON to try", strip=False, max_length=LONGEST)


def shown_schema(version: SchemaVersion) -> Mapping[str, Any]:
    """Return a schema as its form shows it."""
    return {
        "number": version.number,
        "name": version.schema.name,
        "description": version.schema.description,
        "document": print_json(version.document),
    }
