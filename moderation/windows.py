"""Where a text is cut for a classifier: sentences, lines and list items, never longer than a bound.

The cuts depend on the text alone, never on the pieces in which it came.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from moderation.policy import Classified, Mode, Rule

# Characters.
LONGEST = 400
SHORTEST = 24
"""Less than this is no sentence of its own: “Mr.”, “1.”, “Yes.”"""
CONTEXT = 400
# Marks of many scripts. Those that end a sentence only before a blank, because they also stand in numbers, names and
# abbreviations; those that always do; the end of a line.
BEFORE_BLANK = ".!?…\u037e\u0589\u061f\u06d4\u0700\u0701\u0702\u1362\u1367\u1368"
ALWAYS = "。｡．！？‼⁇⁈⁉।॥\u0e5a\u0e5b\u0f0d\u0f0e\u104a\u104b\u17d4\u17d5\u1803\u1809\ua60e\ua6f3\ua6f7\uaaf0\uabeb"
CLOSERS = "\"'”’»›)\\]}*_`"
END = re.compile(rf"[{BEFORE_BLANK}][{CLOSERS}]{{0,4}}\s|[{ALWAYS}]|\n")
BLANK = re.compile(r"\s")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A piece of text that a classifier is asked about. `before` is what stands before it, for context only."""

    number: int
    text: str
    before: str
    rules: tuple[str, ...]
    budget_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """The longest that a classifier rule holds text back: `characters` are read on, then it waits for `seconds`."""

    characters: int
    seconds: float
    words: str


def next_cut(text: str, start: int, whole: Sequence[Span] = ()) -> int | None:
    """Return where the window that begins at `start` ends, or None when more text must come.

    `whole` are spans, in order, that are not cut in two: markers.
    """
    for found in END.finditer(text, start, start + LONGEST):
        end = found.end()
        if _around(end, whole) is None and len(text[start:end].strip()) >= SHORTEST:
            return end
    if len(text) - start <= LONGEST:
        return None
    return _word_cut(text, start, whole)


def worst_delay(rule: Rule) -> Delay | None:
    """Return what a classifier rule may cost, None for another rule."""
    match = rule.match
    if not isinstance(match, Classified):
        return None
    seconds = match.budget_ms / 1000
    if match.mode is Mode.HOLD:
        words = (
            f"Text appears sentence by sentence: at most {LONGEST} characters are gathered, and then the verdict "
            f"is waited for, {_seconds(seconds)} at most."
        )
        return Delay(characters=LONGEST, seconds=seconds, words=words)
    words = (
        f"Text appears at once. A sentence that is judged badly is taken back at most {_seconds(seconds)} after its "
        f"end, {LONGEST} characters after its beginning."
    )
    return Delay(characters=0, seconds=0.0, words=words)


def _word_cut(text: str, start: int, whole: Sequence[Span]) -> int:
    """Return a cut at the last word of the later half, else at the bound."""
    for end in range(start + LONGEST, start + LONGEST // 2, -1):
        if BLANK.match(text[end - 1]) and _around(end, whole) is None:
            return end
    around = _around(start + LONGEST, whole)
    if around is None:
        return start + LONGEST
    return around[0] if around[0] > start else around[1]


def _around(at: int, whole: Sequence[Span]) -> Span | None:
    """Return the span that a cut would part."""
    number = bisect_left(whole, at, key=itemgetter(0)) - 1
    return whole[number] if number >= 0 and at < whole[number][1] else None


def _seconds(count: float) -> str:
    return f"{count:g} second" + ("" if count == 1 else "s")
