"""A text as a rule reads it, with the way back to the text as it came. It grows at its end."""

from __future__ import annotations

from moderation.normal.characters import Folding, folding

KEPT = 512
_AS_IT_IS = folding(frozenset(), joins_space=False)


class View:
    """Offsets of the view are counted from the beginning of the text; the first `origin` of them are forgotten.

    `_starts` and `_ends` say for each character of `text` which code points of the text as it came it is made of.
    While it is one for one, there are none, and `_shift` leads back.
    """

    def __init__(self, table: Folding) -> None:
        self.text = ""
        self.origin = 0
        self.end = 0
        self._table = table
        self._shift = 0
        self._starts: list[int] | None = None
        self._ends: list[int] = []

    @classmethod
    def of(cls, text: str) -> View:
        """Return the view of a text that is written as it is read."""
        view = cls(_AS_IT_IS)
        view.text, view.end = text, len(text)
        return view

    def copy(self) -> View:
        other = View(self._table)
        other.text, other.origin, other.end, other._shift = self.text, self.origin, self.end, self._shift
        other._starts = None if self._starts is None else self._starts.copy()
        other._ends = self._ends.copy()
        return other

    def start(self, place: int) -> int:
        """Return where a character of the view begins in the text as it came."""
        return place + self._shift if self._starts is None else self._starts[place - self.origin]

    def after(self, place: int) -> int:
        """Return where a character of the view ends in the text as it came."""
        return place + self._shift + 1 if self._starts is None else self._ends[place - self.origin]

    def places(self, place: int) -> list[tuple[int, int]]:
        """Return where all characters from one on begin and end."""
        return [(self.start(one), self.after(one)) for one in range(place, self.end)]

    def add_even(self, text: str, at: int) -> None:
        """Take plain ASCII text that begins at offset `at`, without controls and runs of spaces."""
        self._append(text.lower() if self._table.lowers else text, at)

    def add(self, text: str, at: int) -> None:
        """Take text as it came, which begins at offset `at`."""
        folded = list(map(self._table.__getitem__, text))
        joined = "".join(folded)
        if len(joined) == len(text) and "" not in folded and not self._has_run(joined):
            self._append(joined, at)
            return
        for number, piece in enumerate(folded, at):
            self._add_folded(piece, number, number + 1)

    def add_unit(self, text: str, start: int, end: int) -> None:
        """Take what some characters stand for."""
        for character in text:
            self._add_folded(self._table[character], start, end)
        if not text:
            self._be_uneven()

    def _has_run(self, joined: str) -> bool:
        if not self._table.joins_space:
            return False
        return "  " in joined or (joined[:1] == " " and self.text[-1:] == " ")

    def _append(self, folded: str, at: int) -> None:
        if self._starts is None and at != self.end + self._shift:
            self._be_uneven()
        self.text += folded
        self.end += len(folded)
        if self._starts is not None:
            self._starts += range(at, at + len(folded))
            self._ends += range(at + 1, at + len(folded) + 1)

    def _add_folded(self, folded: str, start: int, end: int) -> None:
        starts = self._be_uneven()
        if folded == " " and self._table.joins_space and self.text[-1:] == " ":
            return
        self.text += folded
        self.end += len(folded)
        starts += [start] * len(folded)
        self._ends += [end] * len(folded)

    def _be_uneven(self) -> list[int]:
        if self._starts is None:
            first = self.origin + self._shift
            self._starts = list(range(first, first + len(self.text)))
            self._ends = [start + 1 for start in self._starts]
        return self._starts

    def forget(self, before: int, *, least: int = KEPT) -> None:
        """Drop what is before an offset, when it is more than so many characters."""
        count = before - self.origin
        if count <= least:
            return
        self.text = self.text[count:]
        self.origin = before
        if self._starts is not None:
            del self._starts[:count], self._ends[:count]
            self._be_even(self._starts)

    def _be_even(self, starts: list[int]) -> None:
        first = starts[0] if starts else 0
        even = list(range(first, first + len(starts)))
        if starts and starts == even and self._ends[-1] == even[-1] + 1:
            self._starts, self._ends, self._shift = None, [], first - self.origin
