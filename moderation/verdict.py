"""What a rule decides about a text. The strictest one wins."""

from __future__ import annotations

from enum import IntEnum


class Verdict(IntEnum):
    """From the mildest to the strictest, so that `max` is the strictest."""

    ALLOW = 0
    """Nothing was found."""
    FLAG = 1
    """It passes and is counted."""
    REDACT = 2
    """A marker takes the place of what was found."""
    HOLD = 3
    """Nothing from there on passes until a reviewer has decided."""
    BLOCK = 4
    """Nothing from there on passes; the answer ends."""

    @property
    def word(self) -> str:
        """The name used in documents and rows: "allow", "flag", "redact", "hold", "block"."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> Verdict:
        """Return the verdict of a word; raises KeyError."""
        return cls[word.upper()]
