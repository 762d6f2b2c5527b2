"""The way of one text: through the gate, and past the classifier where the policy asks one.

The worker feeds text, asks for a verdict about each window, and gives the verdicts back in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from moderation.compiled import Ruleset
from moderation.errors import GateFailed
from moderation.gate import Gate, Released
from moderation.hit import Hit
from moderation.judged_text import JudgedText, Piece
from moderation.redactions import Positions, Redaction, redactions
from moderation.verdict import Verdict
from moderation.windows import Window

__all__ = ["ChannelStream", "Step", "Window"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happens now: take back `retract` code points of what is shown, add `text`, ask about the windows."""

    text: str = ""
    retract: int = 0
    windows: tuple[Window, ...] = ()


class ChannelStream:
    """One text of one channel. `prior` is its beginning, shown before this stream began (a continued answer).

    `is_over`: no more text is read, and upstream may be closed. `is_waiting`: verdicts are missing, which may still
    release text or take it back; both can be true. After GateFailed, and when verdicts are waited for no longer,
    `abandon` says what must be taken back. Offsets of hits count from the beginning of `prior`.
    """

    def __init__(self, ruleset: Ruleset, *, prior: str = "") -> None:
        self.released = 0
        """Code points of this stream that are shown now; `prior` is not counted, but what was taken back of it is."""
        self.has_failed = False
        self._policy = ruleset.policy
        self._gate = Gate(ruleset, prior=prior)
        self._judged = JudgedText(ruleset, prior) if ruleset.classified else None
        self._raw = [prior]
        # How long the raw text is, and the gate's, `prior` included; how much of what the gate holds was read.
        self._read = self._passed = self._prior = len(prior)
        self._held: int | None = None
        # For which list of hits it was made, and how long that was: a gate that goes back begins another one.
        self._mapped = self._gate.hits, 0, Positions(())

    # What the worker does

    def feed(self, text: str) -> Step:
        """Take text. Raises GateFailed."""
        self._check()
        if self.is_over:
            return Step()
        self._raw.append(text)
        self._read += len(text)
        return self._through(partial(self._gate.feed, text))

    def close(self) -> Step:
        """No more text will come. Raises GateFailed."""
        self._check()
        if self.is_over:
            return Step()
        return self._through(self._gate.close, is_last=True)

    def judge(self, window: int, scores: Mapping[str, float] | None) -> Step:
        """Take the scores of a window, by category; None says that there are none in time.

        Raises GateFailed where a rule then lets nothing pass. What comes after the end changes nothing.
        """
        if self._judged is None or self.has_failed:
            return Step()
        try:
            self._judged.judge(window, scores)
        except GateFailed:
            self.has_failed = True
            raise
        return self._changed(self._judged)

    def abandon(self) -> Step:
        """End here: take back what no verdict was given about, and release nothing more."""
        self.has_failed = True
        if self._judged is None:
            return Step()
        self._judged.abandon()
        return self._changed(self._judged)

    # What it says of itself

    @property
    def verdict(self) -> Verdict:
        pieces = self._judged.judged if self._judged else ()
        return max((self._gate.verdict, *(piece.verdict for piece in pieces)))

    @property
    def is_over(self) -> bool:
        return self.has_failed or self._gate.is_over or (self._judged is not None and self._judged.end is not None)

    @property
    def is_waiting(self) -> bool:
        return not self.has_failed and self._judged is not None and self._judged.is_waiting

    @property
    def provisional(self) -> int:
        """Code points that are shown before their verdict."""
        return self._judged.provisional if self._judged else 0

    @property
    def scanned(self) -> int:
        """Code points that were read, without `prior`."""
        return self._read - self._prior

    @property
    def held(self) -> str:
        """What waits for a reviewer, as it would be shown."""
        if self.verdict is not Verdict.HOLD or self.has_failed:
            return ""
        return self._judged.held if self._judged else self._gate.held

    @property
    def withheld(self) -> str:
        """The raw text that is not shown because something in it is blocked, or because it was not checked."""
        return "".join(self._raw)[self._cut() :] if self._is_withheld else ""

    @property
    def hits(self) -> list[Hit]:
        """What was found, in the order of the text. What the gate found behind a classifier's end is not counted."""
        found = list(self._gate.hits)
        if self._judged is None:
            return sorted(found, key=_place)
        positions = self._positions()
        if (end := self._judged.end_at) is not None:
            raw_end = positions.raw(end)
            found = [hit for hit in found if hit.start < raw_end]
        found += [hit for piece in self._judged.judged for hit in _hits(piece, positions)]
        return sorted(found, key=_place)

    def coverage(self) -> dict[str, Any]:
        """Return the figures of this text: code points, and what was found (Message.coverage).

        Once it is closed and no verdict is missing: released = scanned - redacted - withheld - held + markers.
        """
        return {
            "scanned": self.scanned,
            "released": self.released,
            **self._taken_out(),
            "provisional": self.provisional,
            "hits": [hit.facts() for hit in self.hits],
        }

    # How

    def _check(self) -> None:
        if self.has_failed:
            raise GateFailed

    def _through(self, read: Callable[[], Released], *, is_last: bool = False) -> Step:
        try:
            released = read()
        except GateFailed:
            self.has_failed = True
            raise
        self._passed += len(released.text) - released.retract
        if self._judged is None:
            return self._counted(Step(text=released.text, retract=released.retract))
        self._put(self._judged, released, is_last=is_last)
        return self._changed(self._judged)

    def _put(self, judged: JudgedText, released: Released, *, is_last: bool) -> None:
        """Give the classifier what the gate lets pass, and what it holds: that too must be read before it passes."""
        markers = self._positions().spans
        judged.take(released.text, released.retract, markers)
        if self._held is None and (self._gate.held or self._gate.verdict is Verdict.HOLD):
            judged.hold()
            self._held = 0
        if self._held is not None:
            held = self._gate.held[self._held :]
            self._held += len(held)
            judged.take(held, 0, markers)
        if is_last or self._gate.is_over:
            judged.close_piece()

    def _changed(self, judged: JudgedText) -> Step:
        change = judged.change()
        return self._counted(Step(text=change.text, retract=change.retract, windows=change.windows))

    def _counted(self, step: Step) -> Step:
        self.released += len(step.text) - step.retract
        return step

    def _positions(self) -> Positions:
        hits = self._gate.hits
        if self._mapped[0] is not hits or self._mapped[1] != len(hits):
            self._mapped = hits, len(hits), Positions(redactions(self._policy, hits))
        return self._mapped[2]

    @property
    def _is_withheld(self) -> bool:
        return self.has_failed or self.verdict is Verdict.BLOCK

    def _cut(self) -> int:
        """Return where the raw text begins that is not shown."""
        limit = self._judged.limit_at if self._judged else None
        return self._positions().raw(self._passed if limit is None else limit)

    def _taken_out(self) -> dict[str, int]:
        cut = self._cut()
        rest = self._read - cut
        redacted = [one for one in redactions(self._policy, self._gate.hits) if one.start < cut]
        if self._judged is not None:
            redacted = self._with_windows(self._judged, redacted)
        return {
            "redacted": sum(one.end - one.start for one in redacted),
            "markers": sum(len(one.marker) for one in redacted),
            "withheld": rest if self._is_withheld else 0,
            "held": rest if self.verdict is Verdict.HOLD and not self._is_withheld else 0,
        }

    def _with_windows(self, judged: JudgedText, redacted: list[Redaction]) -> list[Redaction]:
        """Return what was redacted: windows, and what the gate redacted outside of them."""
        positions = self._positions()
        windows = [
            Redaction(start=positions.raw(piece.core[0]), end=positions.raw(piece.core[1]), marker=put)
            for piece in judged.shown
            if (put := judged.marker_of(piece))
        ]
        return windows + [
            one for one in redacted if not any(window.start <= one.start < window.end for window in windows)
        ]


def _hits(piece: Piece, positions: Positions) -> Iterator[Hit]:
    start, end = map(positions.raw, piece.core)
    for one in piece.found or ():
        yield Hit(
            start=start,
            end=end,
            rule=one.rule.id,
            category=one.rule.category,
            verdict=one.verdict,
            exempt=one.exempt,
            failed=one.failed,
            score=one.score,
        )


def _place(hit: Hit) -> tuple[int, int, str]:
    return hit.start, hit.end, hit.rule
