"""Terms whose letters are set apart: "k i l l", "k-i-l-l", "k . 1 . l . l".

Each letter of such a term stands alone: neither before nor after it is another letter, and between two of them are
one to three other characters, none of them a sign of a sum: "t_i = t_0" is no word. What is set apart further is
other letters. With digits among its letters only a longer term counts: "a 5, s 7" is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from moderation.matchers.dictionary import Dictionary, Rules
from moderation.matchers.found import Found, Reading
from moderation.normal import leet
from moderation.normal.view import View

GAP = 3
_LETTER = r"[^\W_]"
_BETWEEN = r"(?!" + _LETTER + r")[^=<>+]"
_LONE = re.compile(rf"(?<!{_LETTER}){_LETTER}(?!{_LETTER})")
_GOES_ON = re.compile(rf"(?:{_BETWEEN}){{0,{GAP}}}\Z")
_JOINS = re.compile(rf"(?:{_BETWEEN}){{1,{GAP}}}")
_SHORTEST = 3
_SHORTEST_ELSEWHERE = 2
_SHORTEST_IN_LEET = 5


class SpacedMatcher:
    """The letters of the terms, in one row."""

    def __init__(self, terms: dict[str, Rules], *, reads_leet: bool) -> None:
        letters: dict[str, Rules] = {}
        for term, rules in terms.items():
            row = "".join(character for character in term if re.match(_LETTER, character))
            if len(row) >= (_SHORTEST if row.isascii() else _SHORTEST_ELSEWHERE):
                letters[row] = tuple(dict.fromkeys((*letters.get(row, ()), *rules)))
        self.plain = Dictionary(letters, whole=False)
        words = {row: rules for row, rules in letters.items() if _reads_leet(row)}
        self.leet = Dictionary(words, whole=False, counts=leet.counts) if reads_leet else None

    def read(self, view: View, hold: int, read_to: int, is_closed: bool, reading: Reading) -> int:
        """Read again what is held back, and what the view has got since; return from where on a term may begin.

        The row of letters set apart that the text ends with waits until it can be no term's beginning.
        """
        at, hold = hold - view.origin, view.end
        if _LONE.search(view.text, at):
            for row in _rows(view.text, at):
                self._find(view, row, read_to - view.origin, is_closed, reading)
                if not is_closed and _GOES_ON.match(view.text, row[-1] + 1):
                    hold = self._hold(view, row)
        return hold

    def _readings(self, written: str) -> Iterator[tuple[Dictionary, str]]:
        yield self.plain, written
        if self.leet and not leet.DIGITS.isdisjoint(written):
            for table in leet.TABLES:
                yield self.leet, written.translate(table)

    def _find(self, view: View, row: list[int], fresh: int, is_closed: bool, reading: Reading) -> None:
        written = "".join(view.text[place] for place in row)
        for dictionary, text in self._readings(written):
            for start, end, rules in dictionary.occurrences(text, written, "", 0, is_closed):
                # That a letter stands alone is known with the next character.
                decided = row[end - 1] + 2
                if fresh < decided <= len(view.text) + is_closed:
                    first, after = view.origin + row[start], view.origin + row[end - 1] + 1
                    reading.found += [Found(rule, first, after) for rule in rules]

    def _hold(self, view: View, row: list[int]) -> int:
        written = "".join(view.text[place] for place in row)
        waits = row[-1] + 1 == len(view.text)
        places = [_open_from(dictionary, text, written, waits) for dictionary, text in self._readings(written)]
        first = min(places)
        return view.origin + row[first] if first < len(row) else view.end


def _reads_leet(row: str) -> bool:
    return len(row) >= _SHORTEST_IN_LEET and leet.SIGNS.isdisjoint(row)


def _open_from(dictionary: Dictionary, text: str, written: str, waits: bool) -> int:
    """Return the first letter that may begin a term; a whole one waits where its last letter may not stand alone."""
    open_from = dictionary.open_from(text, written, "")
    if waits:
        for start, end, _ in dictionary.occurrences(text, written, "", 0, False):
            if end == len(text):
                return min(open_from, start)
    return open_from


# Between two letters that stand alone, so near to each other, there is no third.
def _rows(text: str, at: int) -> Iterator[list[int]]:
    """Yield the places of letters that stand alone, near each other."""
    row: list[int] = []
    for found in _LONE.finditer(text, at):
        if row and not _JOINS.fullmatch(text, row[-1] + 1, found.start()):
            yield row
            row = []
        row.append(found.start())
    if row:
        yield row
