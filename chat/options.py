"""What a person chooses for an answer: model, assistant, reasoning, format. Each may be left open."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chat.errors import Invalid
from inference.effort import Effort

NAMES = frozenset({"model", "preset", "effort", "format", "schema"})
FORMATS = ("text", "json", "schema")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """None leaves a choice to the level above. `schema` is a schema's version, and `format` is then "schema"."""

    model: uuid.UUID | None = None
    preset: uuid.UUID | None = None
    effort: Effort | None = None
    format: str | None = None
    schema: uuid.UUID | None = None

    def facts(self) -> dict[str, str]:
        """Return what is chosen, as JSON keeps it."""
        found = {name: getattr(self, name) for name in sorted(NAMES)}
        return {name: str(value) for name, value in found.items() if value is not None}

    def over(self, above: Options) -> Options:
        """Return these choices, and those of the level above where nothing is chosen here."""
        own = {name: value for name in NAMES - {"schema"} if (value := getattr(self, name)) is not None}
        # A schema belongs to its format.
        return replace(above, **own, schema=self.schema if self.format else above.schema)


def parse_options(facts: object, name: str = "options") -> Options:
    """Return options from the JSON object of this name; raises Invalid with a sentence."""
    if facts is None:
        return Options()
    if not isinstance(facts, Mapping) or not set(facts) <= NAMES:
        raise Invalid(f"“{name}” must be an object with any of: {', '.join(sorted(NAMES))}.")
    format_ = facts.get("format")
    schema = _id(facts, "schema")
    if format_ is not None and format_ not in FORMATS:
        raise Invalid(f"“format” must be one of: {', '.join(FORMATS)}.")
    if (format_ == "schema") != (schema is not None):
        raise Invalid("A “schema” goes with the format “schema”, and only with it.")
    return Options(
        model=_id(facts, "model"), preset=_id(facts, "preset"), effort=_effort(facts), format=format_, schema=schema
    )


def _effort(facts: Mapping[str, Any]) -> Effort | None:
    wanted = facts.get("effort")
    if wanted is None:
        return None
    if wanted not in list(Effort):
        raise Invalid(f"“effort” must be one of: {', '.join(Effort)}.")
    return Effort(wanted)


def _id(facts: Mapping[str, Any], name: str) -> uuid.UUID | None:
    wanted = facts.get(name)
    if wanted is None:
        return None
    try:
        return uuid.UUID(wanted)
    except (AttributeError, TypeError, ValueError):
        raise Invalid(f"“{name}” must be a UUID.") from None
