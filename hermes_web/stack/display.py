"""What the operator sees in the terminal: steps of the start, prefixed logs, the closing block."""

from __future__ import annotations

import sys
import time

COLORS = ("36", "33", "32", "35", "34", "31")
WIDTH = 8


class Display:
    def __init__(self) -> None:
        self._started = time.monotonic()
        self._colored = sys.stdout.isatty()
        self._names: list[str] = []

    def step(self, words: str) -> None:
        """Show a step of the start with the seconds since it began."""
        self._write(f"  {time.monotonic() - self._started:5.1f} s  {words}")

    def log(self, name: str, line: str) -> None:
        """Show a line of a child's output."""
        self._write(f"{self._prefix(name)} {line}")

    def block(self, lines: list[str]) -> None:
        """Show what the operator has to know now."""
        self._write("\n".join(["", *(f"  {line}" for line in lines), ""]))

    def _prefix(self, name: str) -> str:
        if name not in self._names:
            self._names.append(name)
        words = f"{name:<{WIDTH}} |"
        color = COLORS[self._names.index(name) % len(COLORS)]
        return f"\x1b[{color}m{words}\x1b[0m" if self._colored else words

    def _write(self, words: str) -> None:
        sys.stdout.write(words + "\n")
        sys.stdout.flush()
