"""A field for a whole number as people write it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from chat.typed_number import number_of

MOST = 10**15
WORDS = "Write a whole number, such as 20,000 or 20k or 1.5M."


class TypedNumberField(forms.CharField):
    """Its value is the number, or None where nothing was typed."""

    def __init__(self, **options: Any) -> None:
        attrs = {"inputmode": "text", "autocomplete": "off", "placeholder": "None"}
        super().__init__(max_length=30, required=False, widget=forms.TextInput(attrs=attrs), **options)

    def clean(self, value: Any) -> Any:
        """Return the number; raises ValidationError."""
        text = str(super().clean(value))
        if not text:
            return None
        try:
            number = number_of(text)
        except ValueError:
            raise ValidationError(WORDS) from None
        if not 1 <= number <= MOST:
            raise ValidationError(f"From 1 to {MOST:,}.")
        return number

    def prepare_value(self, value: Any) -> Any:
        """Return a number with its thousands apart."""
        return f"{value:,}" if isinstance(value, int) else value
