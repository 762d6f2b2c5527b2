"""What is wrong with an answer, in a sentence: nothing of the answer but the names of its fields is repeated."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, cast

from jsonschema import ValidationError

LONGEST_NAME = 60
LONGEST_LIST = 200

KINDS = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}

SENTENCES: dict[str, Callable[[Any], str]] = {
    "type": lambda wanted: f"must be {_kinds(wanted)}",
    "enum": lambda wanted: f"must be one of {_values(wanted)}",
    "const": lambda wanted: f"must be {_values([wanted])}",
    "pattern": lambda wanted: f"does not match the pattern {wanted[:LONGEST_LIST]}",
    "minimum": lambda wanted: f"must be at least {wanted}",
    "maximum": lambda wanted: f"must be at most {wanted}",
    "exclusiveMinimum": lambda wanted: f"must be more than {wanted}",
    "exclusiveMaximum": lambda wanted: f"must be less than {wanted}",
    "multipleOf": lambda wanted: f"must be a multiple of {wanted}",
    "minLength": lambda wanted: f"must have at least {wanted} characters",
    "maxLength": lambda wanted: f"must have at most {wanted} characters",
    "minItems": lambda wanted: f"must have at least {wanted} entries",
    "maxItems": lambda wanted: f"must have at most {wanted} entries",
    "uniqueItems": lambda wanted: "must not have the same entry twice",
    "minProperties": lambda wanted: f"must have at least {wanted} fields",
    "maxProperties": lambda wanted: f"must have at most {wanted} fields",
    "anyOf": lambda wanted: "fits none of the allowed forms",
    "oneOf": lambda wanted: "must fit exactly one of the allowed forms",
    "not": lambda wanted: "has a form that is not allowed",
    "contains": lambda wanted: "lacks an entry that must be there",
}


def sentence_of(error: ValidationError) -> str:
    """Return where an answer does not fit its schema, and why."""
    place = _place(list(error.absolute_path))
    return f"{place} {_what(error)}."


def _what(error: ValidationError) -> str:
    keyword, wanted = str(error.validator), cast(Any, error.validator_value)
    if keyword == "required" and isinstance(error.instance, dict):
        return f"lacks {_names([name for name in wanted if name not in error.instance])}"
    if keyword == "additionalProperties" and isinstance(error.instance, dict):
        known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
        unknown = [name for name in error.instance if name not in known]
        return f"has fields that the schema does not know: {_names(unknown)}"
    if keyword in SENTENCES:
        return SENTENCES[keyword](wanted)
    return f"does not fit what the schema says by “{keyword}”"


def _place(path: Sequence[str | int]) -> str:
    if not path:
        return "The answer"
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step[:LONGEST_NAME]}" for step in path)
    return f"“{steps.removeprefix('.')[-LONGEST_LIST:]}”"


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(f"“{name[:LONGEST_NAME]}”" for name in names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown


def _kinds(wanted: str | Sequence[str]) -> str:
    kinds = [wanted] if isinstance(wanted, str) else wanted
    return " or ".join(KINDS.get(kind, kind) for kind in kinds)


def _values(wanted: Sequence[object]) -> str:
    shown = ", ".join(json.dumps(one, ensure_ascii=False)[:LONGEST_NAME] for one in wanted)
    return shown if len(shown) <= LONGEST_LIST else f"{shown[:LONGEST_LIST]}…"
