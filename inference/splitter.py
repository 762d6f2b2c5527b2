"""Split a model's output into reasoning and answer.

Only a block that leads the output is structure: `<think>` anywhere later is something the model talks about.
"""

from __future__ import annotations

from collections.abc import Iterator

OPEN, CLOSE = "<think>", "</think>"
Piece = tuple[str, str]
"""A channel (`reasoning` or `answer`) and text."""


class ThinkSplitter:
    """Feed text, take pieces. Holds back only what may still be a tag."""

    def __init__(self) -> None:
        self._held = ""
        self._read = self._leading

    def feed(self, text: str) -> list[Piece]:
        """Take text; return what is decided."""
        return [piece for piece in self._read(text) if piece[1]]

    def close(self) -> list[Piece]:
        """Return what is left when no more text comes."""
        held, self._held = self._held, ""
        channel = "reasoning" if self._read == self._thinking else "answer"
        return [(channel, held)] if held else []

    def _leading(self, text: str) -> Iterator[Piece]:
        text = self._held + text
        lead = text.lstrip()
        if len(lead) < len(OPEN) and OPEN.startswith(lead):
            self._held = text
            return
        self._held = ""
        if lead.startswith(OPEN):
            self._read = self._opened
            yield from self._opened(lead[len(OPEN) :])
        else:
            self._read = self._answering
            yield ("answer", text)

    def _opened(self, text: str) -> Iterator[Piece]:
        # One line break after the tag belongs to the tag.
        if text:
            self._read = self._thinking
            yield from self._thinking(text.removeprefix("\n"))

    def _thinking(self, text: str) -> Iterator[Piece]:
        text = self._held + text
        inside, found, after = text.partition(CLOSE)
        if found:
            self._held = ""
            self._read = self._after_thinking
            yield ("reasoning", inside)
            yield from self._after_thinking(after)
            return
        keep = _suffix_that_begins(text, CLOSE)
        self._held = text[len(text) - keep :]
        yield ("reasoning", text[: len(text) - keep])

    def _after_thinking(self, text: str) -> Iterator[Piece]:
        # The blank lines between the block and the answer belong to neither.
        text = text.lstrip("\n")
        if text:
            self._read = self._answering
            yield ("answer", text)

    def _answering(self, text: str) -> Iterator[Piece]:
        yield ("answer", text)


def _suffix_that_begins(text: str, tag: str) -> int:
    """Return how many characters at the end of text are the beginning of a tag."""
    return next((size for size in range(len(tag) - 1, 0, -1) if text.endswith(tag[:size])), 0)
