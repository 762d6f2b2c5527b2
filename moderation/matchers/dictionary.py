"""Thousands of terms in one automaton (Aho and Corasick)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy

import ahocorasick

from moderation.normal.words import IS_WORD, STARTS, is_edge

Rules = tuple[int, ...]
Counts = Callable[[str], bool]


class Dictionary:
    """Terms, folded, with the rules they are of. `whole` asks for the edges of words around them.

    `counts` says of the text as it is in the view whether what was found in it is one.
    """

    def __init__(self, terms: Mapping[str, Rules], *, whole: bool, counts: Counts | None = None) -> None:
        self.longest = max(map(len, terms), default=0)
        self._count = len(terms)
        self._whole = whole
        self._counts = counts
        self._automaton = ahocorasick.Automaton()
        for term, rules in terms.items():
            self._automaton.add_word(term, (len(term), rules))
        if terms:
            self._automaton.make_automaton()
        self._leaves = _leaves(terms)

    def counting(self, terms: Mapping[str, Rules], counts: Counts) -> Dictionary:
        """Return one of fewer terms, or of the same, of which not every occurrence counts."""
        if len(terms) < self._count:
            return Dictionary(terms, whole=self._whole, counts=counts)
        other = copy(self)
        other._counts = counts
        return other

    def occurrences(
        self, text: str, written: str, before: str, fresh: int, closed: bool
    ) -> Iterator[tuple[int, int, Rules]]:
        """Yield start, end and rules of what was decided by a character after the first `fresh` ones.

        `written` is the same text before letters were seen in digits and signs, `before` the character before it.
        """
        if not self.longest:
            return
        for last, (length, rules) in self._automaton.iter(text):
            end = last + 1
            decided = self._decided(text, written, end, closed)
            if decided <= fresh or (self._whole and not self._starts(text, written, end - length, before)):
                continue
            if self._counts is None or self._counts(written[end - length : end]):
                yield end - length, end, rules

    def _decided(self, text: str, written: str, end: int, closed: bool) -> int:
        """Return by how many characters the right edge is known; 0 when it is none, or not known yet."""
        if not self._whole or not IS_WORD[text[end - 1]]:
            return end
        if end == len(text):
            return end + 1 if closed else 0
        return 0 if IS_WORD[written[end]] else end + 1

    def _starts(self, text: str, written: str, at: int, before: str) -> bool:
        return is_edge(written[at - 1] if at else before, text[at])

    def open_from(self, text: str, written: str, before: str) -> int:
        """Return where the longest suffix begins that may still begin a match; the text's length where none does."""
        for at in self._places(text, written, before):
            # Most are none, which is known without asking further.
            if self._automaton.match(text[at:]) and self.may_grow(text[at:], written[at:]):
                return at
        return len(text)

    def _places(self, text: str, written: str, before: str) -> Iterator[int]:
        """Yield where a term that is not complete may begin."""
        first = max(0, len(text) - self.longest)
        if not self._whole:
            yield from range(first, len(text))
            return
        for found in STARTS.finditer(written, first):
            at = found.start()
            if (at and text is written) or self._starts(text, written, at, before):
                yield at

    def may_grow(self, text: str, written: str) -> bool:
        """Say whether a text may still become a term, or one that stands alone."""
        if not self._automaton.match(text):
            return False
        if text not in self._leaves:
            return True
        # A whole term that waits for the edge of its word.
        return self._whole and IS_WORD[text[-1]] and (self._counts is None or self._counts(written))


def _leaves(terms: Mapping[str, Rules]) -> frozenset[str]:
    """Return the terms that begin no other one."""
    ordered = sorted(terms)
    return frozenset(
        term
        for place, term in enumerate(ordered)
        if place + 1 == len(ordered) or not ordered[place + 1].startswith(term)
    )
