"""Number fields for the sampler: what each does, what Hermes 4 is recommended with, and what is allowed at most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from inference.sampling import BOUNDS, HERMES, LABELS, LONGEST_STOP, MOST_STOPS, WHOLE

HINTS = {
    "temperature": "Lower is steadier, higher is more varied.",
    "top_p": "Keeps the likeliest words that make up this share.",
    "top_k": "Keeps this many of the likeliest words; 0 keeps all.",
    "min_p": "Drops words less likely than this share of the likeliest.",
    "repetition_penalty": "Above 1 avoids what was said already; 1 is neutral.",
    "frequency_penalty": "Above 0 avoids words the more often they came.",
    "presence_penalty": "Above 0 avoids words that came at all.",
    "max_tokens": "Thought and answer together.",
    "seed": "The same seed and settings give the same answer again, as far as the engine can.",
}


def number_field(name: str, ceiling: float | None, whose: str) -> forms.Field:
    """Return the field of one value; `whose` says in words where its ceiling comes from."""
    least, most = BOUNDS[name]
    top = most if ceiling is None else min(most, ceiling)
    said = f"{HINTS[name]} {_range(name, least, top)}{f' ({whose})' if ceiling is not None else ''}."
    options: dict[str, Any] = {"label": LABELS[name], "required": False, "help_text": said}
    field: forms.IntegerField
    if name in WHOLE:
        field = forms.IntegerField(min_value=int(least), max_value=int(top), **options)
    else:
        field = forms.FloatField(min_value=least, max_value=top, **options)
    field.widget.attrs.update(step="1" if name in WHOLE else "any", placeholder=_usual(name), inputmode=_keys(name))
    return field


def stops_field() -> forms.Field:
    return forms.CharField(
        label="Stop sequences",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "typed", "spellcheck": "false"}),
        help_text=f"The answer ends before any of these texts. One a line, at most {MOST_STOPS} of up to "
        f"{LONGEST_STOP} characters; \\n stands for a line break.",
    )


def shown_sampling(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored values as the fields show them."""
    return {**facts, "stop": "\n".join(one.replace("\n", "\\n") for one in facts.get("stop", ()))}


def typed_sampling(cleaned: Mapping[str, Any], names: Iterable[str] = BOUNDS) -> dict[str, Any]:
    """Return what was typed as inference.sampling.parse_sampling reads it."""
    numbers = {name: cleaned[name] for name in names if cleaned.get(name) is not None}
    stops = [line.replace("\\n", "\n") for line in _lines(cleaned.get("stop", "")) if line]
    return {**numbers, "stop": stops} if stops else numbers


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n")


def _range(name: str, least: float, top: float) -> str:
    if name == "max_tokens":
        return f"At most {top:,.0f}"
    return f"From {least:g} to {top:,.10g}".replace("-", "\N{MINUS SIGN}")


def _usual(name: str) -> str:
    usual = getattr(HERMES, name)
    return f"{usual:g} suits Hermes 4" if usual is not None else ""


def _keys(name: str) -> str:
    # Phones have no minus on their number pads.
    if BOUNDS[name][0] < 0:
        return "text"
    return "numeric" if name in WHOLE else "decimal"
