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
from moderation.normal.words import IS_WORD


class TermMatcher:
    """Terms that are read with the same folds, all of them as whole words or none."""

    def __init__(self, terms: Iterable[tuple[str, int]], *, features: frozenset[Fold], whole: bool) -> None:
        rules: dict[str, list[int]] = defaultdict(list)
        for term, rule in terms:
            rules[term].append(rule)
        ready = {term: tuple(dict.fromkeys(found)) for term, found in rules.items()}
        reads_leet = Fold.LEET in features
        self.whole = whole
        self.plain = Dictionary(ready, whole=whole)
        self.leet = _counted(self.plain, ready) if reads_leet else None
        self.spaced = SpacedMatcher(ready, reads_leet=reads_leet) if Fold.SPACING in features else None

    def track(self) -> TermTrack:
        return TermTrack(self)


def _counted(dictionary: Dictionary, terms: dict[str, Rules]) -> Dictionary:
    # A digit in a term is meant as a digit.
    words = {term: rules for term, rules in terms.items() if leet.SIGNS.isdisjoint(term)}
    return dictionary.counting(words, leet.counts)


class TermTrack:
    """`_leet`: where leet may begin a match, with each of its tables; None where no sign of it is in what is held."""

    def __init__(self, matcher: TermMatcher) -> None:
        self.hold = 0
        self._matcher = matcher
        self._plain = 0
        self._leet: list[int] | None = None
        self._read = 0
        self._spaced = SpacedTrack(matcher.spaced) if matcher.spaced else None

    def copy(self) -> TermTrack:
        other = TermTrack(self._matcher)
        other.hold, other._plain, other._read = self.hold, self._plain, self._read
        other._leet = self._leet and self._leet.copy()
        other._spaced = self._spaced and self._spaced.copy()
        return other

    def place(self) -> object:
        spaced = self._spaced.hold if self._spaced else self._read
        return [place - self._read for place in (self._plain, spaced, *(self._leet or ()))]

    def read(self, view: View, is_closed: bool) -> Reading | None:
        fresh = view.text[self._read - view.origin :]
        if (
            fresh.isalpha()
            and fresh.isascii()
            and self._leet is None
            and not is_closed
            and self._reads_on(view, fresh)
        ):
            return None
        reading = Reading()
        was = self._plain
        self._plain = self._scan(self._matcher.plain, None, was, view, is_closed, reading)
        self.hold = self._plain
        if self._matcher.leet and (self._leet is not None or not leet.SIGNS.isdisjoint(fresh)):
            self._read_leet(self._matcher.leet, was, view, is_closed, reading)
        if self._spaced:
            self._spaced.read(view, self._read, is_closed, reading)
            self.hold = min(self.hold, self._spaced.hold)
        self._read = view.end
        return reading if reading.found else None

    def _reads_on(self, view: View, fresh: str) -> bool:
        """Read letters that can only go on with the one word that is held, or with one that is not."""
        read, at = self._read - view.origin, self._plain - view.origin
        before = view.text[read - 1 : read] if read else ""
        if self._spaced and (self._spaced.hold < self._read or (len(fresh) < 2 and not before.isalpha())):
            return False
        word = view.text[at:]
        if not self._matcher.whole or not word.isalpha() or not word.isascii():
            return False
        if (at == read and IS_WORD[before]) or not self._matcher.plain.may_grow(word, word):
            self._plain = view.end
        self.hold, self._read = self._plain, view.end
        if self._spaced:
            self._spaced.hold = view.end
        return True

    def _read_leet(self, dictionary: Dictionary, was: int, view: View, is_closed: bool, reading: Reading) -> None:
        holds = self._leet or [was for _ in leet.TABLES]
        self._leet = [
            self._scan(dictionary, table, hold, view, is_closed, reading)
            for table, hold in zip(leet.TABLES, holds, strict=True)
        ]
        self.hold = min(self.hold, *self._leet)
        if leet.SIGNS.isdisjoint(view.text[self.hold - view.origin :]):
            self._leet = None

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
