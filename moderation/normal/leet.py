"""Digits and signs in the place of letters.

1, ! and | stand for i or for l: there are two tables, and a text is read with each. ! and | count only inside a
word, since sentences end with the one and tables are drawn with the other.
"""

from __future__ import annotations

_ALWAYS = {
    "0": "o", "2": "z", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g",
    "@": "a", "$": "s", "+": "t", "€": "e", "£": "l", "¢": "c", "§": "s", "¡": "i", "×": "x", "∂": "d",
}  # fmt: skip
TABLES = tuple(str.maketrans(_ALWAYS | dict.fromkeys("1!|", letter)) for letter in "il")
SIGNS = frozenset([*_ALWAYS, *"1!|"])
DIGITS = frozenset("0123456789")
INNER = frozenset("!|")


def counts(written: str) -> bool:
    """Say whether it is a word in disguise: a number is one, with a single letter too (A55, 5 x 3)."""
    if written[0] in INNER or written[-1] in INNER or SIGNS.isdisjoint(written):
        return False
    letters = sum(character.isalpha() for character in written)
    return letters > 1 or (letters == 1 and DIGITS.isdisjoint(written))
