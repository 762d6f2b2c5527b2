"""What a rule overlooks when it reads: each of these can be switched off for one rule."""

from __future__ import annotations

from enum import StrEnum


class Fold(StrEnum):
    """Ways of writing the same thing."""

    CASE = "case"
    """Upper and lower case (Unicode's full case folding)."""
    WIDTH = "width"
    """Compatibility forms: full-width letters, ligatures, superscripts (NFKC)."""
    INVISIBLE = "invisible"
    """Zero-width characters, soft hyphens, bidirectional controls."""
    MARKS = "marks"
    """Accents and combining marks."""
    LOOKALIKES = "lookalikes"
    """Letters of other scripts that look the same."""
    LEET = "leet"
    """Digits and signs in the place of letters."""
    SPACING = "spacing"
    """Letters set apart by spaces, dots, hyphens or underscores."""
    ESCAPES = "escapes"
    """JSON's and HTML's escapes, and Markdown's marks in and around words, and what is stored backwards."""


ALL = frozenset(Fold)
PLAIN = frozenset({Fold.WIDTH, Fold.INVISIBLE, Fold.ESCAPES})
"""How recognizers read: what they look for is made of exact characters."""
