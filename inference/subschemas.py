"""The schemas inside a JSON schema, as draft 2020-12 places them: a property may be named like a keyword."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

MAPS = ("properties", "$defs", "definitions", "dependentSchemas")
LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
ONES = ("items", "additionalProperties", "contains", "propertyNames", "not", "if", "then", "else")
# These look at the same value as the schema that they stand in.
IN_PLACE = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"})

Schema = Mapping[str, Any]


def subschemas(document: object) -> Iterator[Schema]:
    """Yield a schema and every schema inside it; true and false are none."""
    waiting = [document]
    while waiting:
        schema = waiting.pop()
        if isinstance(schema, dict):
            yield schema
            waiting += [inner for _, inner in children(schema)]


def children(schema: Schema) -> Iterator[tuple[str, object]]:
    """Yield the schemas directly inside one, each with its keyword."""
    for keyword, value in schema.items():
        if keyword in MAPS and isinstance(value, dict):
            yield from ((keyword, inner) for inner in value.values())
        elif keyword in LISTS and isinstance(value, list):
            yield from ((keyword, inner) for inner in value)
        elif keyword in ONES:
            yield keyword, value


def target_of(document: object, reference: str) -> object:
    """Return what a local reference (`#`, `#/$defs/name`) points to; raises LookupError."""
    if reference == "#":
        return document
    if not reference.startswith("#/"):
        raise LookupError(reference)
    found: Any = document
    for step in reference[2:].split("/"):
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        if not isinstance(found, dict | list):
            raise LookupError(reference)
        try:
            found = found[name] if isinstance(found, dict) else found[int(name)]
        except ValueError:
            raise LookupError(reference) from None
    return found


def is_endless(document: object) -> bool:
    """Say whether a schema comes back to itself without going deeper into the value."""
    ended: set[int] = set()
    return any(_comes_back(document, schema, set(), ended) for schema in subschemas(document))


def _comes_back(document: object, schema: object, above: set[int], ended: set[int]) -> bool:
    if not isinstance(schema, dict) or id(schema) in ended:
        return False
    if id(schema) in above:
        return True
    above.add(id(schema))
    inner = [one for keyword, one in children(schema) if keyword in IN_PLACE]
    if isinstance(reference := schema.get("$ref"), str):
        inner.append(target_of(document, reference))
    found = any(_comes_back(document, one, above, ended) for one in inner)
    above.discard(id(schema))
    ended.add(id(schema))
    return found
