"""What the operator sees in the terminal: steps of the start, prefixed logs, the closing block."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Sequence

COLORS = ("36", "33", "32", "35", "34", "31")
GREEN, FAINT, BOLD = "32", "2", "1"
NAME_WIDTH = 8
STEP_WIDTH = 44


class Display:
    def __init__(self) -> None:
        self._started = time.monotonic()
        self._colored = sys.stdout.isatty()
        self._names: list[str] = []
        if isinstance(sys.stdout, io.TextIOWrapper):
            # A terminal that cannot show a character must not end the stack.
            sys.stdout.reconfigure(errors="replace")

    def step(self, words: str) -> None:
        """Show a step of the start that is done, with the seconds since the start began."""
        seconds = f"{time.monotonic() - self._started:5.1f} s"
        self._write(f"  {self._in('✓', GREEN)} {words:<{STEP_WIDTH}}{self._in(seconds, FAINT)}")

    def note(self, words: str) -> None:
        """Show what happens now."""
        self._write(f"  {self._in('·', FAINT)} {words}")

    def log(self, name: str, line: str) -> None:
        """Show a line of a child's output."""
        self._write(f"{self._prefix(name)} {self._in(time.strftime('%H:%M:%S'), FAINT)} {line}")

    def block(self, title: str, lines: Sequence[str] = ()) -> None:
        """Show what the operator has to know now."""
        shown = [f"  {self._in(title, BOLD)}", *(f"  {line}".rstrip() for line in lines)]
        self._write("\n".join(["", *shown, ""]))

    def _prefix(self, name: str) -> str:
        if name not in self._names:
            self._names.append(name)
        return self._in(f"{name:<{NAME_WIDTH}} |", COLORS[self._names.index(name) % len(COLORS)])

    def _in(self, words: str, style: str) -> str:
        return f"\x1b[{style}m{words}\x1b[0m" if self._colored else words

    def _write(self, words: str) -> None:
        try:
            sys.stdout.write(words + "\n")
            sys.stdout.flush()
        except OSError:
            # Nobody reads any more; the children's output must be taken all the same, or they would block.
            return
