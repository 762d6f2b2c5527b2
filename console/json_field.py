"""A field for JSON that a person types."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from inference.json_text import LONGEST, JsonError, parse_json

TYPED = {"spellcheck": "false", "autocomplete": "off", "autocapitalize": "off", "class": "typed"}


class JsonTextField(forms.CharField):
    """Its value is what the text says; what is empty is `nothing`."""

    def __init__(self, *, rows: int, nothing: object = None, **options: Any) -> None:
        widget = forms.Textarea(attrs={**TYPED, "rows": rows})
        super().__init__(widget=widget, strip=False, max_length=LONGEST, **options)
        self.nothing = nothing

    def clean(self, value: Any) -> Any:
        """Return what was typed; raises ValidationError with the line and the column."""
        text = str(super().clean(value))
        if not text.strip():
            return self.nothing
        try:
            return parse_json(text)
        except JsonError as error:
            raise ValidationError(error.words) from None
