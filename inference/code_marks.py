"""Whether a text stands inside Markdown code right now: in a fenced block, or between backticks on one line."""

from __future__ import annotations

import re

PIECE = re.compile(r"`+|~+|\n|[^`~\n]+")
FENCE = 3
INDENT = 3


class CodeMarks:
    """Feed text as it comes, however it is cut, and ask."""

    def __init__(self) -> None:
        self._fence = ""
        self._span = 0
        self._run = ""
        self._leads = True
        self._indent = 0
        self._closes = False

    def feed(self, text: str) -> None:
        """Go on by this text."""
        for found in PIECE.finditer(text):
            piece = found[0]
            if piece[0] in "`~":
                if self._run and self._run[0] != piece[0]:
                    self._end_run()
                self._run += piece
            else:
                self._end_run()
                self._plain(piece)

    @property
    def is_inside(self) -> bool:
        """Whether what comes next is code."""
        self._end_run()
        return bool(self._fence or self._span)

    def _end_run(self) -> None:
        run, self._run = self._run, ""
        if not run:
            return
        is_fence = self._leads and len(run) >= FENCE
        self._leads = False
        if self._fence:
            self._closes = is_fence and run.startswith(self._fence)
        elif is_fence:
            self._fence = run
        elif run[0] == "`" and self._span in (0, len(run)):
            self._span = 0 if self._span else len(run)

    def _plain(self, piece: str) -> None:
        if piece == "\n":
            if self._closes:
                self._fence = ""
            self._span, self._indent, self._leads, self._closes = 0, 0, True, False
            return
        if piece.strip(" "):
            self._leads = self._closes = False
        self._indent += len(piece)
        self._leads = self._leads and self._indent <= INDENT
