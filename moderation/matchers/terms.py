"""Words and phrases: as they are, in leet, and with their letters set apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from copy import copy

from moderation.fold import Fold
from moderation.matchers.dictionary import Dictionary, Rules
from moderation.matchers.found import Found, Reading
from moderation.matchers.spaced import SpacedMatcher
from moderation.matchers.steps import Steps, walked
from moderation.normal import leet
from moderation.normal.view import View


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
        self.steps = Steps(self._step, _like)

    def track(self) -> TermTrack:
        return TermTrack(self)

    def _step(self, before: str, text: str) -> int | None:
        """Read one more character than is held back, which is the last one."""
        view = View.of(before + text)
        track = TermTrack(self, len(before), view.end - 1)
        found = track.read_fully(view, False).found
        return None if found else view.end - track.hold


def _like(before: str) -> str:
    if before.isascii():
        return "a" if before.isalnum() else " "
    return before


def _counted(dictionary: Dictionary, terms: dict[str, Rules]) -> Dictionary:
    # A digit in a term is meant as a digit.
    words = {term: rules for term, rules in terms.items() if leet.SIGNS.isdisjoint(term)}
    return dictionary.counting(words, leet.counts)


class TermTrack:
    """What may begin a match is read again with each text, in all the ways in which terms are found."""

    def __init__(self, matcher: TermMatcher, hold: int = 0, read: int = 0) -> None:
        self.hold = hold
        self._matcher = matcher
        self._read = read
        self._state = matcher.steps.state("", "")

    def copy(self) -> TermTrack:
        return copy(self)

    def place(self) -> object:
        return None

    def read(self, view: View, is_closed: bool) -> Reading | None:
        if self._state is not None and not is_closed:
            state = walked(self._state, view.text[self._read - view.origin :])
            if state is not None:
                self._state, self._read, self.hold = state, view.end, view.end - state.held
                return None
        reading = self.read_fully(view, is_closed)
        at = self.hold - view.origin
        self._state = self._matcher.steps.state(view.text[at - 1 : at], view.text[at:])
        return reading if reading.found else None

    def read_fully(self, view: View, is_closed: bool) -> Reading:
        reading, was = Reading(), self.hold
        self.hold = self._scan(self._matcher.plain, None, was, view, is_closed, reading)
        if self._matcher.leet and not leet.SIGNS.isdisjoint(view.text[was - view.origin :]):
            for table in leet.TABLES:
                self.hold = min(self.hold, self._scan(self._matcher.leet, table, was, view, is_closed, reading))
        if self._matcher.spaced:
            self.hold = min(self.hold, self._matcher.spaced.read(view, was, self._read, is_closed, reading))
        self._read = view.end
        return reading

    def _scan(
        self,
        dictionary: Dictionary,
        table: dict[int, str] | None,
        was: int,
        view: View,
        is_closed: bool,
        reading: Reading,
    ) -> int:
        """Read from where a match may begin; return where one may begin now."""
        at = was - view.origin
        written, before = view.text[at:], view.text[at - 1 : at] if at else ""
        text = written.translate(table) if table else written
        for start, end, rules in dictionary.occurrences(text, written, before, self._read - was, is_closed):
            reading.found += [Found(rule, was + start, was + end) for rule in rules]
        return view.end if is_closed else was + dictionary.open_from(text, written, before)
