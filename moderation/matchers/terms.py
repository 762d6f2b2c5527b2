"""Words and phrases: as they are, in leet, and with their letters set apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from moderation.fold import Fold
from moderation.matchers.dictionary import Dictionary, Rules
from moderation.matchers.found import Found, Reading
from moderation.matchers.spaced import SpacedMatcher, SpacedTrack
from moderation.normal import leet
from moderation.normal.view import View


class TermMatcher:
    """Terms that are read with the same folds, all of them as whole words or none."""

    def __init__(self, terms: Iterable[tuple[str, int]], *, features: frozenset[Fold], whole: bool) -> None:
        rules: dict[str, list[int]] = defaultdict(list)
        for term, rule in terms:
            rules[term].append(rule)
        ready = {term: tuple(dict.fromkeys(found)) for term, found in rules.items()}
        self.plain = Dictionary(ready, whole=whole)
        self.leet = Dictionary(_of_letters(ready), whole=whole, counts=leet.counts) if Fold.LEET in features else None
        self.spaced = SpacedMatcher(ready, reads_leet=Fold.LEET in features) if Fold.SPACING in features else None

    def track(self) -> TermTrack:
        return TermTrack(self)


def _of_letters(terms: dict[str, Rules]) -> dict[str, Rules]:
    # A digit in a term is meant as a digit.
    return {term: rules for term, rules in terms.items() if leet.SIGNS.isdisjoint(term)}


class TermTrack:
    """`_holds`: as it is, and with each table of leet. Where no sign of leet is, they are the same."""

    def __init__(self, matcher: TermMatcher) -> None:
        self.hold = 0
        self._matcher = matcher
        self._holds = [0, *(0 for _ in leet.TABLES)]
        self._read = 0
        self._spaced = SpacedTrack(matcher.spaced) if matcher.spaced else None

    def copy(self) -> TermTrack:
        other = TermTrack(self._matcher)
        other.hold, other._holds, other._read = self.hold, self._holds.copy(), self._read
        other._spaced = self._spaced and self._spaced.copy()
        return other

    def shift(self, by: int) -> None:
        """Count from another beginning."""
        self.hold += by
        self._holds = [hold + by for hold in self._holds]
        self._read += by
        if self._spaced:
            self._spaced.hold += by
            self._spaced.read_to += by

    def place(self) -> object:
        return [hold - self._read for hold in (*self._holds, self._spaced.hold if self._spaced else 0)]

    def read(self, view: View, is_closed: bool) -> Reading:
        reading = Reading()
        self._holds[0] = self._scan(self._matcher.plain, None, self._holds[0], view, is_closed, reading)
        if self._matcher.leet:
            self._read_leet(self._matcher.leet, view, is_closed, reading)
        if self._spaced:
            self._spaced.read(view, is_closed, reading)
        self.hold = min(*self._holds, self._spaced.hold if self._spaced else view.end)
        self._read = view.end
        return reading

    def _read_leet(self, dictionary: Dictionary, view: View, is_closed: bool, reading: Reading) -> None:
        for number, table in enumerate(leet.TABLES, 1):
            hold = self._holds[number]
            if leet.SIGNS.isdisjoint(view.text[hold - view.origin :]):
                self._holds[number] = max(hold, self._holds[0])
            else:
                self._holds[number] = self._scan(dictionary, table, hold, view, is_closed, reading)

    def _scan(
        self,
        dictionary: Dictionary,
        table: dict[int, str] | None,
        hold: int,
        view: View,
        is_closed: bool,
        reading: Reading,
    ) -> int:
        """Read from where a match may begin; return where one may begin now."""
        at = hold - view.origin
        written, before = view.text[at:], view.text[at - 1 : at] if at else ""
        text = written.translate(table) if table else written
        for start, end, rules in dictionary.occurrences(text, written, before, self._read - hold, is_closed):
            reading.found += [Found(rule, hold + start, hold + end) for rule in rules]
        return view.end if is_closed else hold + dictionary.open_from(text, written, before)
