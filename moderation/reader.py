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
        return View(folding(self.folds, joins_space=self.joins_space))


@dataclass(slots=True)
class News:
    """What a piece of text brought, in code points of the text as it came. `failed` are rules that are left out."""

    found: list[Found] = field(default_factory=list)
    certain: list[Found] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)


class Side:
    """One view of the text and the matchers' places in it. `hold` is where a match may begin that text waits for."""

    def __init__(self, view: View, tracks: list[tuple[Group, Track]]) -> None:
        self.view = view
        self.hold = 0
        self._tracks = tracks

    def copy(self) -> Side:
        other = Side(self.view.copy(), [(group, track.copy()) for group, track in self._tracks])
        other.hold = self.hold
        return other

    def lean_copy(self) -> Side:
        """Return a copy without what nothing asks for any more."""
        other = self.copy()
        other.view.forget(min((track.hold for _, track in self._tracks), default=self.view.end) - 1, least=0)
        return other

    def read(self, is_closed: bool, news: News) -> None:
        """Let every matcher read on; raises GateFailed."""
        hold = kept = self.view.end
        for group, track in self._tracks:
            try:
                reading = track.read(self.view, is_closed)
            except FAULTS as error:
                self._leave_out(group, error, news)
                continue
            if reading is not None:
                self._tell(reading, news)
            if track.hold < kept:
                kept = track.hold
            if group.holds and track.hold < hold:
                hold = track.hold
        self.hold = hold
        self.view.forget(kept - 1)

    def _leave_out(self, group: Group, error: Exception, news: News) -> None:
        if not group.fails_open:
            raise GateFailed from error
        self._tracks = [(one, track) for one, track in self._tracks if one is not group]
        news.failed += group.rules

    def _tell(self, reading: Reading, news: News) -> None:
        news.found += map(self._raw, reading.found)
        news.certain += map(self._raw, reading.certain)

    def _raw(self, found: Found) -> Found:
        return Found(found.rule, self.view.start(found.start), self.view.after(found.end - 1))

    def rest(self) -> object:
        """Return what still matters; two sides that have it in common will read alike."""
        place = min((track.hold for _, track in self._tracks), default=self.view.end)
        at = place - self.view.origin
        places = [(track.hold - place, track.place()) for _, track in self._tracks]
        return self.view.text[max(0, at - 1) :], self.view.places(place), places


class Reader:
    """Where something is written otherwise than it is read, both are read, until they are the same again."""

    def __init__(self, lens: Lens) -> None:
        self._lens = lens
        self._decodes = Fold.ESCAPES in lens.folds
        self._written = Side(lens.view(), [(group, group.matcher.track()) for group in lens.groups])
        self._understood: Side | None = None
        self._decoder = Decoder(0, "")

    def copy(self) -> Reader:
        other = Reader(self._lens)
        other._written = self._written.copy()
        other._understood = None if self._understood is None else self._understood.copy()
        other._decoder = self._decoder.copy()
        return other

    def feed(self, text: str, at: int, before: str, is_even: bool, news: News) -> None:
        """Read text that begins at offset `at`; raises GateFailed.

        `is_even`: it is plain, and nothing in it is an escape, nor with `before`, which is the character before it.
        """
        if is_even and self._understood is None:
            self._written.view.add_even(text, at)
            self._written.read(False, news)
            return
        if self._decodes and self._understood is None and STARTS.search(before + text, len(before)):
            self._understood, self._decoder = self._written.lean_copy(), Decoder(at, before)
        self._written.view.add(text, at)
        self._read(text, False, news)

    def close(self, news: News) -> None:
        """Read to the end; raises GateFailed."""
        self._read("", True, news)

    def hold(self, end: int) -> int:
        """Return from where on text may be a part of a match that a rule waits for."""
        side, settled = self._written, end
        hold = settled if side.hold == side.view.end else side.view.start(side.hold)
        if self._understood is None or not any(group.holds for group in self._lens.groups):
            return hold
        side, settled = self._understood, self._decoder.settled
        return min(hold, settled if side.hold == side.view.end else side.view.start(side.hold))

    def _read(self, text: str, is_closed: bool, news: News) -> None:
        self._written.read(is_closed, news)
        if self._understood is None:
            return
        for piece in self._decoder.feed(text, is_closed):
            if piece.is_plain:
                self._understood.view.add(piece.text, piece.start)
            else:
                self._understood.view.add_unit(piece.text, piece.start, piece.end)
        self._understood.read(is_closed, news)
        if not self._decoder.pending and self._understood.rest() == self._written.rest():
            self._understood = None
