"""A text as a classifier judges it, window by window, and what of it may be seen meanwhile.

What is seen depends on the text and on the verdicts, never on the order in which these came.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from os.path import commonprefix

from moderation.compiled import Ruleset
from moderation.judgement import Finding, findings, is_exempt
from moderation.marker import marker
from moderation.policy import Classified, Mode, Rule
from moderation.verdict import Verdict
from moderation.windows import CONTEXT, Span, Window, next_cut


@dataclass(slots=True, kw_only=True)
class Piece:
    """The text of one window. `found` is None until it was judged."""

    start: int
    text: str
    found: tuple[Finding, ...] | None = None

    @property
    def verdict(self) -> Verdict:
        return max((one.verdict for one in self.found or ()), default=Verdict.ALLOW)

    @property
    def redacting(self) -> list[str]:
        """The categories for which a marker takes its place."""
        return [one.rule.category for one in self.found or () if one.verdict is Verdict.REDACT]

    @property
    def core(self) -> Span:
        """Where its text stands without the blanks around it: what a marker takes the place of."""
        begin = self.start + len(self.text) - len(self.text.lstrip())
        return begin, max(begin, self.start + len(self.text.rstrip()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is different of what is seen, and the windows to ask about."""

    text: str
    retract: int
    windows: tuple[Window, ...]


class JudgedText:
    """Pieces of a text in order. Those from `hold_at` on wait for a reviewer, those from `end` on are withheld.

    Positions are code points of the text that was taken; `prior` is its beginning and was seen before.
    """

    def __init__(self, ruleset: Ruleset, prior: str) -> None:
        self.pieces: list[Piece] = []
        self.hold_at: int | None = None
        self.end: int | None = None
        self._policy = ruleset.policy
        self._rules = ruleset.classified
        self._audience = ruleset.audience
        binding = [rule for rule in self._rules if not is_exempt(rule, self._audience)]
        self._is_binding = bool(binding)
        self._holds = any(_holds(rule) for rule in binding)
        self._open_at, self._open = 0, prior
        # What is seen behind the last piece that is settled: before that nothing changes any more.
        self._shown = prior
        self._settled = 0
        self._asked = 0
        if self._holds and prior:
            # It was judged before it was seen. Where text is seen first, the dead worker's verdicts may be missing.
            self._add(prior, found=())
            self._open_at, self._open = len(prior), ""

    @property
    def length(self) -> int:
        """Characters that were taken."""
        return self._open_at + len(self._open)

    @property
    def limit(self) -> int:
        """Return how many pieces may be seen at most."""
        return min(one for one in (self.hold_at, self.end, len(self.pieces)) if one is not None)

    @property
    def limit_at(self) -> int | None:
        """Return the position from which on nothing is seen, None where there is none."""
        return self.pieces[self.limit].start if self.limit < len(self.pieces) else None

    @property
    def end_at(self) -> int | None:
        """Return the position from which on the text is withheld by a verdict, None where there is none."""
        return self.pieces[self.end].start if self.end is not None and self.end < len(self.pieces) else None

    @property
    def shown(self) -> list[Piece]:
        """The pieces that are seen, or will be."""
        return self.pieces[: self.limit]

    @property
    def is_waiting(self) -> bool:
        return any(piece.found is None for piece in islice(self.pieces, self._settled, self.end))

    @property
    def provisional(self) -> int:
        """Characters that are seen and may still be taken back."""
        return len(self._shown) if self._is_binding else 0

    @property
    def held(self) -> str:
        """What a reviewer is asked about, as it would be seen."""
        if self.hold_at is None or self.end is not None:
            return ""
        return "".join(map(self._seen, self.pieces[self.hold_at :])) + self._open

    @property
    def judged(self) -> list[Piece]:
        """The pieces whose verdicts count: up to the one that ends the text."""
        return self.pieces[: None if self.end is None else self.end + 1]

    def take(self, text: str, retract: int, whole: Sequence[Span]) -> None:
        """Add text, after taking some back. `whole` are spans of it that no cut parts."""
        if retract:
            self._shorten(retract)
        self._open += text
        base, at = self._open_at, 0
        first = bisect_right(whole, base, key=itemgetter(1))
        near = [(begin - base, end - base) for begin, end in islice(whole, first, None)]
        while (cut := next_cut(self._open, at, near)) is not None:
            self._add(self._open[at:cut])
            at = cut
        self._open = self._open[at:]

    def close_piece(self) -> None:
        """End the last piece here: what comes is another matter, or nothing comes."""
        if self._open:
            self._add(self._open)
            self._open = ""

    def hold(self) -> None:
        """The gate lets a reviewer see what comes from here on."""
        self.close_piece()
        self._hold_at(len(self.pieces))

    def abandon(self) -> None:
        """Withhold what was not judged."""
        self.close_piece()
        undecided = (number for number, piece in enumerate(self.pieces) if piece.found is None)
        if self._is_binding:
            self._end_at(next(undecided, len(self.pieces)))

    def judge(self, number: int, scores: Mapping[str, float] | None) -> None:
        """Take the verdict about a window; a late one changes nothing. Raises GateFailed."""
        piece = self.pieces[number]
        if piece.found is not None or not self._matters(number):
            return
        piece.found = findings(self._rules, self._audience, scores)
        if piece.verdict is Verdict.BLOCK:
            self._end_at(number)
        elif piece.verdict is Verdict.HOLD:
            self._hold_at(number)

    def change(self) -> Change:
        """Return what has changed since it was asked last."""
        seen = "".join(self._tail())
        # Nearly always it has only grown.
        kept = len(self._shown) if seen.startswith(self._shown) else len(commonprefix([self._shown, seen]))
        change = Change(text=seen[kept:], retract=len(self._shown) - kept, windows=tuple(self._fresh()))
        self._shown = seen
        self._settle()
        return change

    def marker_of(self, piece: Piece) -> str:
        """Return what stands in the place of a piece's core, "" where the piece itself is seen."""
        return marker(self._policy, piece.redacting) if piece.redacting and piece.text.strip() else ""

    def _add(self, text: str, found: tuple[Finding, ...] | None = None) -> None:
        self.pieces.append(Piece(start=self._open_at, text=text, found=found if text.strip() else ()))
        self._open_at += len(text)

    def _shorten(self, count: int) -> None:
        """Take back the last characters; only a text that goes on from an earlier one ever does."""
        self._shown = "".join(map(self._seen, self.pieces[: self._settled])) + self._shown
        self._settled = 0
        length = self.length - count
        self._open = self._open[: max(length - self._open_at, 0)]
        self._open_at = min(self._open_at, length)
        for piece in self.pieces:
            piece.start = min(piece.start, length)
            piece.text = piece.text[: length - piece.start]

    def _hold_at(self, number: int) -> None:
        self.hold_at = number if self.hold_at is None else min(self.hold_at, number)

    def _end_at(self, number: int) -> None:
        self.end = number if self.end is None else min(self.end, number)

    def _matters(self, number: int) -> bool:
        return self.end is None or number < self.end

    def _tail(self) -> Iterator[str]:
        """Yield what is seen behind the last settled piece."""
        for piece in islice(self.pieces, self._settled, self.limit):
            if self._holds and piece.found is None:
                return
            yield self._seen(piece)
        if not self._holds and self.hold_at is None and self.end is None:
            yield self._open

    def _seen(self, piece: Piece) -> str:
        put = self.marker_of(piece)
        begin, end = (at - piece.start for at in piece.core)
        return piece.text[:begin] + put + piece.text[end:] if put else piece.text

    def _fresh(self) -> Iterator[Window]:
        """Yield the windows that nobody was asked about yet."""
        begin, self._asked = self._asked, len(self.pieces)
        ids = tuple(rule.id for rule in self._rules)
        for number, piece in enumerate(islice(self.pieces, begin, self.end), begin):
            if piece.found is None:
                before, budget = self._before(number), max(map(_budget, self._rules))
                yield Window(number=number, text=piece.text, before=before, rules=ids, budget_ms=budget)

    def _before(self, number: int) -> str:
        before = ""
        while number and len(before) < CONTEXT:
            number -= 1
            before = self.pieces[number].text + before
        return before[-CONTEXT:]

    def _settle(self) -> None:
        """Forget what cannot change any more."""
        while self._settled < self.limit and (piece := self.pieces[self._settled]).found is not None:
            self._shown = self._shown[len(self._seen(piece)) :]
            self._settled += 1


def _holds(rule: Rule) -> bool:
    """Say whether text waits for this rule's verdict: one that only flags keeps nothing back."""
    assert isinstance(rule.match, Classified)
    return rule.match.mode is Mode.HOLD and rule.action > Verdict.FLAG


def _budget(rule: Rule) -> int:
    assert isinstance(rule.match, Classified)
    return rule.match.budget_ms
