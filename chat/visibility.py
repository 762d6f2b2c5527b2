"""What one person may see of answers.

That the model thought, how long and how much, is no secret; what it thought may be one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chat.transcript import Part

REASONING = "r"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Every way out to a page asks it: nothing that it hides leaves the server."""

    reasoning: bool

    def parts(self, parts: Sequence[Part]) -> list[Part]:
        """Return parts as this person may have them."""
        return [part if self.reasoning or part["type"] != "reasoning" else sealed(part) for part in parts]

    def text(self, channel: str, text: str) -> str:
        """Return text of a channel of the token log as this person may have it."""
        return text if self.reasoning or channel != REASONING else ""


def sealed(part: Part) -> Part:
    """Return a part without its text."""
    return {**part, "text": "", "hidden": True}
