"""Which JSON schemas we take, and whether an answer fits one.

Schemas come from people and answers from models: nothing here fetches anything, and all of it ends soon.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import jsonschema
import orjson
import re2
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match
from jsonschema.validators import extend
from referencing import Registry

from inference.schema_words import sentence_of
from inference.subschemas import Schema, is_endless, subschemas, target_of

DRAFT = "https://json-schema.org/draft/2020-12/schema"
MOST_BYTES = 64 * 1024
MOST_NODES = 1000
DEEPEST = 32
LONGEST_PATTERN = 256
LONGEST_ANSWER = 1024 * 1024
# Keywords looked at for one answer: at most two or three seconds of work.
MOST_STEPS = 100_000
# Keywords inside one another, of four Python frames each: far from the interpreter's own limit, at which the
# libraries below fail in ways that nobody can catch.
DEEPEST_STEP = 150
# What would need another way to look at patterns, or to keep count.
UNSUPPORTED = (
    "patternProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
    "$id",
    "$anchor",
    "$dynamicRef",
    "$dynamicAnchor",
)
ENDS_EARLY = "unexpected end of data"
FENCE = "```"

Check = Callable[[Any, Any, Any, Any], Iterable[ValidationError] | None]


class SchemaError(ValueError):
    """A schema that is not taken. `words` is for the user."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class TooMuchWork(Exception):
    """An answer cannot be compared with its schema in the time there is."""


def check_schema(document: object) -> None:
    """Raise SchemaError with a sentence unless this is a schema of draft 2020-12 that we take."""
    if not isinstance(document, dict):
        raise SchemaError("A schema is a JSON object, such as {“type”: “object”}.")
    if len(orjson.dumps(document)) > MOST_BYTES:
        raise SchemaError(f"The schema is larger than {MOST_BYTES // 1024} KiB. Shorten it.")
    _check_shape(document)
    if str(document.get("$schema", DRAFT)).removesuffix("#") != DRAFT:
        raise SchemaError(f"Only draft 2020-12 is understood. Leave “$schema” out, or make it {DRAFT}.")
    try:
        Draft202012Validator.check_schema(document)
    except jsonschema.SchemaError as error:
        raise SchemaError(f"This is not a valid JSON schema. {_fault(error)}") from None
    known = list(subschemas(document))
    for schema in known:
        _check_keywords(document, schema, {id(one) for one in known})
    if is_endless(document):
        raise SchemaError("The schema refers to itself without end. Put the reference inside a property or a list.")


def problem_of(text: str, schema: Schema | None) -> str:
    """Return what is wrong with an answer in one sentence, or "" when it is JSON that fits.

    Without a schema any JSON object fits.
    """
    if len(text) > LONGEST_ANSWER:
        return "The answer is too long to be looked at as JSON."
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return _unreadable(error)
    if schema is None:
        return "" if isinstance(found, dict) else "The answer is JSON, but not an object."
    try:
        misfit = best_match(_validator(schema).iter_errors(found))
    except TooMuchWork:
        return "The answer is too deeply nested or too large to be compared with its schema."
    return sentence_of(misfit) if misfit else ""


def unfenced(text: str) -> str:
    """Return the inside of a Markdown fence when the whole answer is one, else the text as it is."""
    lines = text.strip().split("\n")
    if len(lines) < 3 or lines[0].strip() not in (FENCE, f"{FENCE}json", f"{FENCE}JSON"):
        return text
    inside = lines[1:-1]
    if lines[-1].strip() != FENCE or any(line.lstrip().startswith(FENCE) for line in inside):
        return text
    return "\n".join(inside)


def _check_shape(document: object) -> None:
    nodes = 0
    level: list[Any] = [document]
    for _ in range(DEEPEST):
        nodes += len(level)
        if nodes > MOST_NODES:
            raise SchemaError(f"The schema has more than {MOST_NODES} objects and lists. Make it simpler.")
        inner = [value for one in level for value in (one.values() if isinstance(one, dict) else one)]
        level = [value for value in inner if isinstance(value, dict | list)]
        if not level:
            return
    raise SchemaError(f"The schema is nested more than {DEEPEST} levels deep. Use “$defs” and “$ref”.")


def _check_keywords(document: object, schema: Schema, known: set[int]) -> None:
    for keyword in UNSUPPORTED:
        if keyword in schema:
            raise SchemaError(f"“{keyword}” is not supported here. Say it in another way.")
    if "pattern" in schema:
        _check_pattern(schema["pattern"])
    if "$ref" in schema:
        _check_reference(document, schema["$ref"], known)


def _check_pattern(pattern: str) -> None:
    if len(pattern) > LONGEST_PATTERN:
        raise SchemaError(f"A pattern has at most {LONGEST_PATTERN} characters. Shorten “{pattern[:40]}…”.")
    try:
        _compiled(pattern)
    except re2.error:
        raise SchemaError(
            f"The pattern “{pattern[:80]}” cannot be used. "
            "Look-around, references to groups and large counts are not supported."
        ) from None


def _check_reference(document: object, reference: str, known: set[int]) -> None:
    if not reference.startswith("#"):
        raise SchemaError("A “$ref” may only point into the same schema, such as “#/$defs/address”.")
    try:
        target = target_of(document, reference)
    except LookupError:
        raise SchemaError(f"There is nothing at “{reference[:80]}”, which a “$ref” points to.") from None
    if not isinstance(target, bool) and id(target) not in known:
        raise SchemaError(f"What “{reference[:80]}” points to is not a schema.")


def _fault(error: jsonschema.SchemaError) -> str:
    place = "/".join(str(step)[:40] for step in error.absolute_path)
    return f"Look at “{place[-120:]}”." if place else "Look at its outermost keywords."


def _unreadable(error: orjson.JSONDecodeError) -> str:
    if not error.doc.strip():
        return "The answer is empty."
    if error.msg == ENDS_EARLY:
        return "The answer ends before the JSON is whole."
    return f"The answer is not valid JSON: look at line {error.lineno}, column {error.colno}."


# Validating, with every keyword counted


def _validator(schema: Schema) -> Any:
    work = Work()
    checks = {name: partial(_counted, work, OWN.get(name, check)) for name, check in VALIDATORS.items()}
    # An empty registry: nothing is ever fetched.
    return extend(Draft202012Validator, checks)(schema, registry=Registry())  # type: ignore[no-untyped-call]


@dataclass(slots=True)
class Work:
    """What comparing one answer has taken."""

    steps: int = 0
    depth: int = 0

    def begin(self, instance: object) -> None:
        """Go one keyword deeper. Raises TooMuchWork."""
        # A long list or text costs more than a short one.
        self.steps += 1 + (len(instance) >> 8 if isinstance(instance, str | list | dict) else 0)
        self.depth += 1
        if self.steps > MOST_STEPS or self.depth > DEEPEST_STEP:
            raise TooMuchWork

    def end(self) -> None:
        self.depth -= 1


def _counted(
    work: Work, check: Check, validator: Any, wanted: Any, instance: Any, schema: Any
) -> Iterator[ValidationError]:
    work.begin(instance)
    try:
        yield from check(validator, wanted, instance, schema) or ()
    finally:
        # Who has seen one error may not ask for more.
        work.end()


def _pattern(validator: Any, wanted: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _compiled(wanted).search(instance):
        yield ValidationError("pattern")


def _unique(validator: Any, wanted: bool, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if wanted and isinstance(instance, list):
        written = {orjson.dumps(one, option=orjson.OPT_SORT_KEYS) for one in instance}
        if len(written) < len(instance):
            yield ValidationError("uniqueItems")


def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors, options.max_mem = False, 1 << 20
    # Compiled patterns are kept by the library itself.
    return re2.compile(pattern, options)


OWN: dict[str, Check] = {"pattern": _pattern, "uniqueItems": _unique}
VALIDATORS: dict[str, Check] = dict(Draft202012Validator.VALIDATORS)
