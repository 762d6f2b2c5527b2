"""Fields of a policy's forms: lists of lines, and choices that explain themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.html import format_html
from django.utils.safestring import SafeString

from console.policy_words import Words

LONGEST_FILE = 4 * 1024 * 1024
TYPED = {"spellcheck": "false", "autocomplete": "off", "autocapitalize": "off"}
Key = TypeVar("Key")


class LinesField(forms.CharField):
    """Texts, one in each line. Empty lines and repeated ones are left out.

    What is too large for a field is sent as the file of the field `large` (frontend/src/long_text.ts).
    """

    def __init__(self, *, rows: int, large: str = "", **options: Any) -> None:
        attrs = {**TYPED, "rows": str(rows), "class": "typed", **({"data-large": large} if large else {})}
        widget = forms.Textarea(attrs=attrs)
        super().__init__(widget=widget, strip=False, required=False, **options)

    def clean(self, value: Any) -> Any:
        """Return a tuple of texts."""
        return lines_of(str(super().clean(value)))


class TextFileField(forms.FileField):
    """An uploaded file of text; its value is the text."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, allow_empty_file=True, **options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the text; raises ValidationError when it is too long or no text."""
        file = super().clean(data, initial)
        return text_of(file) if file else ""


def text_of(file: File[bytes]) -> str:
    """Return the text of an uploaded file; raises ValidationError."""
    if (file.size or 0) > LONGEST_FILE:
        raise ValidationError(f"This file is larger than {LONGEST_FILE // 1024 // 1024} MB. Split it over two rules.")
    try:
        return str(file.read(), "utf-8-sig")
    except UnicodeDecodeError:
        raise ValidationError(
            "This is no text file in UTF-8. Save it as plain text (UTF-8), and try again."
        ) from None


def lines_of(text: str) -> tuple[str, ...]:
    """Return the lines of a text, trimmed, each once, in order."""
    trimmed = (line.strip() for line in text.replace("\x00", "").splitlines())
    return tuple(dict.fromkeys(line for line in trimmed if line))


def explained(words: Mapping[Key, Words], keys: Iterable[Key] = ()) -> list[tuple[str, SafeString]]:
    """Return choices of cards: a title, and what it means."""
    return [(_value(key), card(words[key].title, words[key].help)) for key in (keys or words)]


def card(title: str, help: str) -> SafeString:
    """Return the label of a choice that explains itself."""
    return format_html('<span class="card-text"><b>{}</b> <span>{}</span></span>', title, help)


def _value(key: object) -> str:
    return str(getattr(key, "word", key))
