"""What was withheld of one text, as a review keeps it sealed, and the little of it that a reviewer reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.sealing import WITHHELD, seal, unseal
from chat.transcript import Part

AROUND = 200
"""Characters before and after a matched part."""
Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """`spans` are the matched parts of `text`, in code points; `before` is what was shown just before it.

    `parts` take the place of the text where it is more than one part of a message, or a tool's call.
    """

    text: str
    spans: tuple[Span, ...] = ()
    before: str = ""
    parts: tuple[Part, ...] = ()

    def sealed(self) -> str:
        """Return it as a row keeps it."""
        facts = {
            "text": self.text,
            "spans": list(self.spans),
            "before": self.before[-AROUND:],
            "parts": list(self.parts),
        }
        return seal(json.dumps(facts), WITHHELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of what a reviewer reads. `gap` says that something is left out before it."""

    text: str
    matched: bool = False
    gap: bool = False


def opened(sealed: str) -> Withheld | None:
    """Return what a row keeps, None where nothing was kept; raises accounts.sealing.Unreadable."""
    if not sealed:
        return None
    facts = json.loads(unseal(sealed, WITHHELD))
    return Withheld(
        text=facts["text"],
        spans=tuple((start, end) for start, end in facts["spans"]),
        before=facts["before"],
        parts=tuple(facts["parts"]),
    )


def window(withheld: Withheld) -> list[Piece]:
    """Return the matched parts with what stands around them, and nothing else of the text.

    A text that nothing in particular was found in shows its beginning.
    """
    whole = withheld.before + withheld.text
    spans = joined(_placed(withheld, len(whole)))
    pieces: list[Piece] = []
    shown = 0
    for (start, end), following in zip(spans, [*spans[1:], None], strict=True):
        begin = max(shown, start - AROUND)
        stop = min(len(whole), end + AROUND, following[0] if following else len(whole))
        around = (Piece(text=whole[begin:start], gap=begin > shown), Piece(text=whole[start:end], matched=True))
        pieces += [one for one in (*around, Piece(text=whole[end:stop])) if one.text or one.gap]
        shown = stop
    return [*pieces, *([Piece(text="", gap=True)] if shown < len(whole) else [])]


def excerpt(withheld: Withheld) -> str:
    """Return the window as one text."""
    return "".join(f"{' … ' if piece.gap else ''}{piece.text}" for piece in window(withheld)).strip()


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, those that overlap or touch made one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _placed(withheld: Withheld, most: int) -> Sequence[Span]:
    shift = len(withheld.before)
    placed = [(max(0, min(start + shift, most)), max(0, min(end + shift, most))) for start, end in withheld.spans]
    return [(start, end) for start, end in placed if start < end] or [(shift, shift)]
