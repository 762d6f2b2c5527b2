"""A text as a rule reads it, with the way back to the text as it came. It grows at its end."""

from __future__ import annotations

import re

from moderation.normal.characters import Folding

KEPT = 1_024
# Of plain text a character is its own lower case or itself; white space is looked at where runs of it count as one.
_UNEVEN = re.compile(r"[^ -~\n\t]")
_UNEVEN_SPACED = re.compile(r"[^ -~]| {2}")


class View:
    """Offsets of the view are counted from the beginning of the text, `origin` of them are forgotten.

    `starts` and `ends` say for each character of `text` which code points of the text as it came it is made of.
    """

    def __init__(self, table: Folding, *, lower: bool, joins_space: bool) -> None:
        self.text = ""
        self.origin = 0
        self.starts: list[int] = []
        self.ends: list[int] = []
        self._table = table
        self._lower = lower
        self._joins_space = joins_space
        self._uneven = _UNEVEN_SPACED if joins_space else _UNEVEN

    def copy(self) -> View:
        other = View(self._table, lower=self._lower, joins_space=self._joins_space)
        other.text, other.origin = self.text, self.origin
        other.starts, other.ends = self.starts.copy(), self.ends.copy()
        return other

    @property
    def end(self) -> int:
        """The offset after the last character."""
        return self.origin + len(self.text)

    def add(self, text: str, at: int) -> None:
        """Take plain text that begins at offset `at`."""
        begins_uneven = self._joins_space and text[:1] == " " and self.text[-1:] == " "
        if begins_uneven or self._uneven.search(text):
            for number, character in enumerate(text, at):
                self.add_unit(character, number, number + 1)
            return
        self.text += text.lower() if self._lower else text
        self.starts += range(at, at + len(text))
        self.ends += range(at + 1, at + len(text) + 1)

    def add_unit(self, text: str, start: int, end: int) -> None:
        """Take what some characters stand for."""
        for character in text:
            folded = self._table[character]
            if self._joins_space and folded.isspace():
                folded = "" if self.text[-1:] == " " else " "
            self.text += folded
            self.starts += [start] * len(folded)
            self.ends += [end] * len(folded)

    def forget(self, before: int) -> None:
        """Drop what is before an offset, when that is worth it."""
        count = before - self.origin
        if count > KEPT:
            self.text = self.text[count:]
            del self.starts[:count], self.ends[:count]
            self.origin += count
