"""What a word is made of.

Scripts that are written without spaces, and Hangul, whose particles follow a word directly, have no edges of words:
whatever stands beside their letters, a whole word may begin or end there.
"""

from __future__ import annotations

import re

UNSPACED = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fff\u3005-\u3007\u3040-\u30ff"
    "\u3100-\u318f\u31a0-\u31ff\u3400-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U00020000-\U0003ffff"
)
_LETTER = rf"[^\W_{UNSPACED}]"
# Accents, and the vowel signs of the Indic scripts: Python's \w does not count them.
_SIGN = "[\u0300-\u036f\u0900-\u0963\u0966-\u0df3]"
_WORD = re.compile(f"{_LETTER}|{_SIGN}")
STARTS = re.compile(f"(?<!{_LETTER})(?<!{_SIGN}).|(?!{_LETTER}|{_SIGN}).", re.DOTALL)
"""Where a whole word, or what is no word, may begin."""


class _Wordness(dict[str, bool]):
    def __missing__(self, character: str) -> bool:
        self[character] = found = _WORD.match(character) is not None
        return found


IS_WORD = _Wordness({"": False})
"""Character → whether it is a part of a word. No character ("") is not."""


def is_edge(before: str, after: str) -> bool:
    """Say whether a word may begin or end between two characters."""
    return not (IS_WORD[before] and IS_WORD[after])
