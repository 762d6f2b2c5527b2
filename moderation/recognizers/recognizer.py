"""What one recognizer is: how its candidates look, and which of them are real."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Find = Callable[[str], tuple[int, int] | None]
"""Return the part of a candidate that is real.

None: nothing begins at the candidate's first character, and the search goes on at the next one. An empty part
(n, n): nothing before n is one, whatever it looks like (the fraction of a number, a piece of a longer number),
and the search goes on at n.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognizer:
    """Finds one kind of thing in a text that is read with `fold.PLAIN`: its case is kept.

    `patterns` are bounded RE2 expressions without lookaround, + or *. A candidate is the longest match at the
    leftmost place and never longer than `longest` characters. It may take in what stands before and after
    ("SSN: "), because `find` sees nothing else; `find` leaves that out of what it returns.

    `tail` are characters (ASCII) of which any that follow a match directly belong to its candidate, up to `longest`
    characters in all: the body of a private key is too long for an expression that counts.
    """

    name: str
    title: str
    example: str
    patterns: tuple[str, ...]
    longest: int
    find: Find
    tail: frozenset[str] = frozenset()
