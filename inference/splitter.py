"""Split a model's output into reasoning and answer.

Only a block that leads the output is structure: `<think>` anywhere later is something the model talks about.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from inference.request import ChatRequest

OPEN, CLOSE = "<think>", "</think>"
Piece = tuple[str, str]
"""A channel (`reasoning` or `answer`) and text."""


class Begin(Enum):
    """Where an output begins: it may lead with a thought, or goes on from what was there before."""

    FRESH = "fresh"
    INSIDE = "inside a thought"
    BEHIND = "behind a thought"
    ANSWER = "inside an answer"


def begin_of(request: ChatRequest) -> Begin:
    """Return where the output of a request begins."""
    last = request.messages[-1]
    if not request.goes_on:
        return Begin.FRESH
    if last.content:
        return Begin.ANSWER
    if request.thought_is_over:
        return Begin.BEHIND
    return Begin.INSIDE if last.reasoning else Begin.FRESH


class ThinkSplitter:
    """Feed text, take pieces. Holds back only what may still be a tag."""

    def __init__(self, begin: Begin = Begin.FRESH) -> None:
        self._held = ""
        self._read = {
            Begin.FRESH: self._leading,
            Begin.INSIDE: self._thinking,
            Begin.BEHIND: self._after_thinking,
            Begin.ANSWER: self._answering,
        }[begin]

    def feed(self, text: str) -> list[Piece]:
        """Take text; return what is decided."""
        return [piece for piece in self._read(text) if piece[1]]

    def thought_comes_apart(self) -> list[Piece]:
        """Learn that the server splits by itself: what comes here is the answer. Return what was held back."""
        if self._read == self._answering:
            return []
        held = self.close()
        self._read = self._after_thinking
        return [piece for piece in held if piece[1].strip()]

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
        keep = suffix_that_begins(text, CLOSE)
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


def suffix_that_begins(text: str, tag: str) -> int:
    """Return how many characters at the end of text are the beginning of a tag."""
    return next((size for size in range(len(tag) - 1, 0, -1) if text.endswith(tag[:size])), 0)
