"""What one character becomes when it is read: each depends on itself alone, so that no cut changes it."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from moderation.fold import Fold
from moderation.normal.lookalikes import LOOKALIKES

# Format and other ignorable characters, controls but white space, fillers that show nothing, variation selectors.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u2800\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Of the scripts in which a word without its marks is still that word; an Indic vowel sign is none of these.
_MARK = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
    "\ufe20-\ufe2f]"
)
CHARACTERWISE = frozenset({Fold.CASE, Fold.WIDTH, Fold.INVISIBLE, Fold.MARKS, Fold.LOOKALIKES})


class Folding(dict[str, str]):
    """Character → what it becomes: mostly one character, none where it is not seen, several for a ligature."""

    def __init__(self, folds: frozenset[Fold], *, joins_space: bool) -> None:
        super().__init__()
        self.folds = folds
        self.lowers = Fold.CASE in folds
        self.joins_space = joins_space

    def __missing__(self, character: str) -> str:
        self[character] = found = self._fold(character)
        return found

    def _fold(self, character: str) -> str:
        if self.joins_space and character.isspace():
            return " "
        if Fold.INVISIBLE in self.folds and _INVISIBLE.match(character):
            return ""
        # Once more, for what case folding and lookalikes bring up.
        return self._step(self._step(character))

    def _step(self, text: str) -> str:
        if Fold.WIDTH in self.folds:
            text = unicodedata.normalize("NFKC", text)
        if Fold.MARKS in self.folds:
            text = _MARK.sub("", unicodedata.normalize("NFD", text))
            # Hangul's syllables are no letters with marks.
            text = unicodedata.normalize("NFC", text)
        if Fold.CASE in self.folds:
            text = text.casefold()
        if Fold.LOOKALIKES in self.folds:
            text = "".join(LOOKALIKES.get(one, one) for one in text)
        return text


@cache
def folding(folds: frozenset[Fold], *, joins_space: bool) -> Folding:
    """Return the one table of a set of folds. `joins_space`: any white space is a space, and a run of it one."""
    return Folding(folds & CHARACTERWISE, joins_space=joins_space)
