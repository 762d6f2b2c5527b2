"""Functions that a model may call, as an organization declares them: OpenAI's shape, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

MOST = 64
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
LONGEST_DESCRIPTION = 2000
EXAMPLE = (
    '[{"type": "function", "function": {"name": "find_order", "description": "Finds an order by its number.", '
    '"parameters": {"type": "object", "properties": {"number": {"type": "string"}}, "required": ["number"]}}}]'
)


class DeclarationError(ValueError):
    """A declaration that no model could follow. `words` is for the person and names the place."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def parse_declarations(document: object) -> list[dict[str, Any]]:
    """Return the declarations with what belongs to them and nothing else; raises DeclarationError.

    Whether `parameters` is a valid schema is for inference.json_schema to say.
    """
    if not isinstance(document, Sequence) or isinstance(document, str | bytes) or len(document) > MOST:
        raise DeclarationError(f"Tools are a list of at most {MOST} functions: [{{…}}, {{…}}].")
    declared = [_declaration(one, f"Tool {place}") for place, one in enumerate(document, start=1)]
    names = names_of(declared)
    for name in names:
        if names.count(name) > 1:
            raise DeclarationError(f"Two tools are named “{name}”. Give each its own name.")
    return declared


def names_of(declared: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names of declared functions, in order."""
    return [one["function"]["name"] for one in declared]


def _declaration(one: object, where: str) -> dict[str, Any]:
    if not isinstance(one, Mapping) or one.get("type") != "function" or not isinstance(one.get("function"), Mapping):
        raise DeclarationError(f'{where} must be {{"type": "function", "function": {{…}}}}.')
    _only(one, ("type", "function"), where)
    function = one["function"]
    _only(function, ("name", "description", "parameters"), where)
    return {"type": "function", "function": _function(function, where)}


def _function(function: Mapping[str, Any], where: str) -> dict[str, Any]:
    name, description = function.get("name"), function.get("description", "")
    parameters = function.get("parameters", {"type": "object", "properties": {}})
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise DeclarationError(f"{where} needs a “name” of 1 to 64 letters, digits, “_” or “-”.")
    if not isinstance(description, str) or len(description) > LONGEST_DESCRIPTION:
        raise DeclarationError(
            f"The “description” of “{name}” must be a text of up to {LONGEST_DESCRIPTION} letters."
        )
    if not isinstance(parameters, Mapping) or parameters.get("type") != "object":
        raise DeclarationError(f'The “parameters” of “{name}” must be a schema with "type": "object".')
    return {"name": name, "description": description, "parameters": dict(parameters)}


def _only(found: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for name in found:
        if name not in known:
            raise DeclarationError(f"{where} has “{str(name)[:80]}”, which nothing reads. Take it out.")
