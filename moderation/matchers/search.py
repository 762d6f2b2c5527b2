"""RE2, called as often as a token comes."""

from __future__ import annotations

from typing import Any

import re2

from moderation.matchers.syntax import Unreadable

MEMORY = 1 << 26
_ANYWHERE, _WHOLE = re2._Anchor.UNANCHORED, re2._Anchor.ANCHOR_BOTH


class Search:
    """An expression whose longest match counts. Offsets are of bytes; what is around them is seen as context.

    The package's own objects for matches cost as much as the search itself: what is beneath them is called.
    """

    def __init__(self, source: str) -> None:
        options = re2.Options()
        options.longest_match, options.log_errors, options.max_mem = True, False, MEMORY
        try:
            self._expression: Any = re2._re2.RE2(source.encode(), options)
        except (re2.error, UnicodeEncodeError) as error:
            raise Unreadable("This is not an expression of RE2.") from error
        if not self._expression.ok():
            raise Unreadable(f"This is not an expression of RE2: {_words(self._expression.error())}.")

    def find(self, text: bytes, at: int, end: int | None = None) -> tuple[int, int] | None:
        """Return where the first match begins and ends."""
        start, after = self._expression.Match(_ANYWHERE, text, at, len(text) if end is None else end)[0]
        return None if start < 0 else (start, after)

    def is_all(self, text: bytes, at: int) -> bool:
        """Say whether all of the text from an offset on is a match."""
        return bool(self._expression.Match(_WHOLE, text, at, len(text))[0][0] >= 0)


def _words(error: object) -> str:
    return error.decode(errors="replace") if isinstance(error, bytes) else str(error)
