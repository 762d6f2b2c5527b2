"""How an answer is wished for: what a page sends beside the text."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chat.errors import Invalid
from chat.options import Options, parse_options


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`settings` become the conversation's, in place of what was; `options` are for this answer alone.

    `again` is an earlier answer that is to be made once more, exactly as it was. `temporary` says that a conversation
    that this begins is to be a temporary chat.
    """

    settings: Options | None = None
    options: Options = Options()
    again: uuid.UUID | None = None
    temporary: bool = False

    def facts(self) -> dict[str, Any]:
        """Return what is wished for, as the record keeps it."""
        found: dict[str, Any] = {"options": self.options.facts()} if self.options.facts() else {}
        if self.settings is not None:
            found["settings"] = self.settings.facts()
        if self.again is not None:
            found["again"] = str(self.again)
        if self.temporary:
            found["temporary"] = True
        return found


PLAIN = Wish()


def parse_wish(facts: Mapping[str, Any], again: uuid.UUID | None = None) -> Wish:
    """Return the wish of a request; raises Invalid with a sentence."""
    settings = facts.get("settings")
    return Wish(
        settings=None if settings is None else parse_options(settings, "settings"),
        options=parse_options(facts.get("options"), "options"),
        again=again,
        temporary=_temporary(facts.get("temporary", False)),
    )


def _temporary(value: object) -> bool:
    if not isinstance(value, bool):
        raise Invalid("“temporary” must be true or false.")
    return value
