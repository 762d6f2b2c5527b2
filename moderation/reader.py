"""How rules that overlook the same things read a text: as it is written, and as people read it."""

from __future__ import annotations

from dataclasses import dataclass, field

import re2

from moderation.errors import GateFailed
from moderation.fold import Fold
from moderation.matchers.found import Found, Matcher, Reading, Track
from moderation.normal.characters import folding
from moderation.normal.escapes import STARTS, Decoder
from moderation.normal.view import View

FAULTS = (
    ArithmeticError,
    AttributeError,
    AssertionError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    re2.error,
)
"""What a matcher can raise. Nobody else may stop for it, and nothing may pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A matcher and its rules. `holds`: text waits for it. `fails_open`: without it, text passes."""

    matcher: Matcher
    rules: tuple[int, ...]
    holds: bool
    fails_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """What a reader is made from. `joins_space`: any run of white space counts as one space."""

    folds: frozenset[Fold]
    groups: tuple[Group, ...]
    joins_space: bool

    def view(self) -> View:
        return View(folding(self.folds), lower=Fold.CASE in self.folds, joins_space=self.joins_space)


@dataclass(slots=True)
class News:
    """What a piece of text brought, in code points of the text as it came. `failed` are rules that are left out."""

    found: list[Found] = field(default_factory=list)
    certain: list[Found] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)


class Side:
    """One view of the text and the matchers' places in it."""

    def __init__(self, view: View, tracks: list[tuple[Group, Track]]) -> None:
        self.view = view
        self.tracks = tracks

    def copy(self) -> Side:
        return Side(self.view.copy(), [(group, track.copy()) for group, track in self.tracks])

    def read(self, is_closed: bool, news: News) -> None:
        """Let every matcher read on; raises GateFailed."""
        for group, track in list(self.tracks):
            try:
                reading = track.read(self.view, is_closed)
            except FAULTS as error:
                if not group.fails_open:
                    raise GateFailed from error
                self.leave_out(group)
                news.failed += group.rules
            else:
                self._tell(reading, news)
        self.view.forget(min((track.hold for _, track in self.tracks), default=self.view.end) - 1)

    def leave_out(self, group: Group) -> None:
        self.tracks = [(one, track) for one, track in self.tracks if one is not group]

    def _tell(self, reading: Reading, news: News) -> None:
        news.found += [self._raw(found) for found in reading.found]
        news.certain += [self._raw(found) for found in reading.certain]

    def _raw(self, found: Found) -> Found:
        first, last = found.start - self.view.origin, found.end - 1 - self.view.origin
        return Found(found.rule, self.view.starts[first], self.view.ends[last])

    def hold(self, settled: int) -> int:
        """Return the code point of the text from where on it may be a part of a match."""
        place = min((track.hold for group, track in self.tracks if group.holds), default=self.view.end)
        return settled if place == self.view.end else self.view.starts[place - self.view.origin]

    def rest(self) -> object:
        """Return what still matters; two sides that have it in common will read alike."""
        place = min((track.hold for _, track in self.tracks), default=self.view.end)
        at = place - self.view.origin
        places = [(track.hold - place, track.place()) for _, track in self.tracks]
        return self.view.text[max(0, at - 1) :], self.view.starts[at:], self.view.ends[at:], places


class Reader:
    """Where something is written otherwise than it is read, both are read, until they are the same again."""

    def __init__(self, lens: Lens) -> None:
        self._lens = lens
        self._written = Side(lens.view(), [(group, group.matcher.track()) for group in lens.groups])
        self._understood: Side | None = None
        self._decoder: Decoder | None = None
        self._last = ""
        self._holds = any(group.holds for group in lens.groups)

    def copy(self) -> Reader:
        other = Reader(self._lens)
        other._written = self._written.copy()
        other._understood = self._understood and self._understood.copy()
        other._decoder = self._decoder and self._decoder.copy()
        other._last = self._last
        return other

    def feed(self, text: str, at: int, news: News) -> None:
        """Read text that begins at offset `at`; raises GateFailed."""
        if self._decoder is None and Fold.ESCAPES in self._lens.folds and self._begins_escape(text):
            self._understood, self._decoder = self._written.copy(), Decoder(at, self._last)
        self._written.view.add(text, at)
        self._last = text[-1:]
        self._read(text, False, news)

    def close(self, news: News) -> None:
        """Read to the end; raises GateFailed."""
        self._read("", True, news)

    def hold(self, end: int) -> int:
        """Return from where on text may be a part of a match that a rule waits for."""
        hold = self._written.hold(end)
        if self._understood is None or self._decoder is None or not self._holds:
            return hold
        return min(hold, self._understood.hold(self._decoder.settled))

    def _begins_escape(self, text: str) -> bool:
        return STARTS.search(self._last + text, len(self._last)) is not None

    def _read(self, text: str, is_closed: bool, news: News) -> None:
        self._written.read(is_closed, news)
        if self._understood is None or self._decoder is None:
            return
        for piece in self._decoder.feed(text, is_closed):
            if piece.is_plain:
                self._understood.view.add(piece.text, piece.start)
            else:
                self._understood.view.add_unit(piece.text, piece.start, piece.end)
        self._understood.read(is_closed, news)
        if not self._decoder.pending and self._understood.rest() == self._written.rest():
            self._understood = self._decoder = None
