"""What the patterns and finders of numbers have in common: standing alone, or standing after a word."""

from __future__ import annotations

import re
from collections.abc import Callable

from moderation.recognizers.recognizer import Find

HYPHEN = "[\\-\u2010\u2013]"
"""Hyphens as people type them and as typesetters do."""
GAP = 24
"""How many characters may stand between a word such as "SSN" and its number."""


def any_case(*words: str) -> str:
    """Return an expression for some words in upper and lower case; " ?" and the like are kept."""
    return f"(?:{'|'.join(''.join(map(_both, word)) for word in words)})"


def _both(sign: str) -> str:
    return f"[{sign.upper()}{sign.lower()}]" if sign.upper() != sign.lower() else sign


def alone(shape: str) -> str:
    """Return the pattern of a number that is no piece of a longer one: that is taken in, for `find` to see."""
    return rf"\b(?:[0-9]{{1,8}}[.\-])?(?:{shape})\b(?:[.\-][0-9])?"


def after(words: str, shape: str) -> str:
    """Return the pattern of a number that only counts after a word."""
    return rf"\b{words}[^0-9\n]{{0,{GAP}}}\b(?:{shape})\b"


def find_number(shape: str, is_real: Callable[[str], bool], *, words: str = "", plain: str = "") -> Find:
    """Return the `find` of `alone(shape)` and, where `words` are given, of `after(words, plain or shape)`.

    `is_real` is given the letters and digits alone.
    """
    whole = re.compile(shape, re.ASCII)
    hinted = re.compile(rf"{words}[^0-9\n]{{0,{GAP}}}?\b(?P<number>{plain or shape})", re.ASCII) if words else None

    def find(candidate: str) -> tuple[int, int] | None:
        match = hinted.fullmatch(candidate) if hinted else None
        if match:
            return match.span("number") if is_real(bare(match["number"])) else None
        if whole.fullmatch(candidate) is None:
            return len(candidate), len(candidate)
        return (0, len(candidate)) if is_real(bare(candidate)) else None

    return find


def bare(text: str) -> str:
    """Return the letters and digits of a text."""
    return "".join(filter(str.isalnum, text))
