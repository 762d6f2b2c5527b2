"""Take `<tool_call>` blocks out of an answer, where the server has no parser for them.

A block is structure only outside Markdown code. Everything else is text, a closing tag without a block included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from inference.code_marks import CodeMarks
from inference.splitter import suffix_that_begins
from inference.tool_calls import is_whole

OPEN, CLOSE = "<tool_call>", "</tool_call>"
TAG = re.compile("</?tool_call>")
# What matters inside a block: tags inside a JSON string are part of it.
INSIDE = re.compile(r'\\.|"|</?tool_call>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """What stood between the tags; `cut` says that the closing one never came."""

    raw: str
    cut: bool = False


class CallSplitter:
    """Feed text, take texts and blocks. Holds back only what may still be a tag, and open blocks."""

    def __init__(self) -> None:
        self._marks = CodeMarks()
        self._held = ""
        # None outside a block.
        self._body: str | None = None
        self._at = 0
        self._is_string = False
        self._doubtful: int | None = None
        # Opening tags right before another one.
        self._wrappers = 0
        self._is_after = False

    def feed(self, text: str) -> list[str | Block]:
        """Take text; return what is decided."""
        return [piece for piece in self._read(text) if piece != ""]

    def close(self) -> list[str | Block]:
        """Return what is left when no more text comes."""
        if self._body is None:
            held, self._held = self._held, ""
            return [held] if held else []
        if self._doubtful is None:
            block, self._body = Block(self._body, cut=True), None
            return [block]
        # A quote that never ended had hidden the closing tag.
        block, rest = self._end_block(self._doubtful)
        return [block, *self.feed(rest), *self.close()]

    def _read(self, text: str) -> Iterator[str | Block]:
        while text:
            if self._body is None:
                piece, text = self._outside(self._held + text)
                yield piece
            else:
                self._body += text
                text = ""
                while self._body is not None and (found := self._inside()):
                    block, rest = found
                    yield block
                    text = rest

    def _outside(self, text: str) -> tuple[str, str]:
        """Return text of the answer, and what is still to be read."""
        self._held = ""
        if self._is_after:
            text = text.lstrip("\n")
            self._is_after = not text
        at = 0
        while found := TAG.search(text, at):
            self._marks.feed(text[at : found.start()])
            is_code = self._marks.is_inside
            if not is_code and found[0] == OPEN:
                self._begin_block()
                return text[: found.start()], text[found.end() :] or ""
            if not is_code and self._wrappers:
                self._wrappers -= 1
                self._is_after = True
                return text[: found.start()], text[found.end() :]
            self._marks.feed(found[0])
            at = found.end()
        keep = max(suffix_that_begins(text[at:], tag) for tag in (OPEN, CLOSE))
        self._held = text[len(text) - keep :]
        self._marks.feed(text[at : len(text) - keep])
        return text[: len(text) - keep], ""

    def _inside(self) -> tuple[str | Block, str] | None:
        """Look for the block's end; return the block and the text behind it once it is there."""
        assert self._body is not None
        while found := INSIDE.search(self._body, self._at):
            self._at = found.end()
            if found[0] == '"':
                self._is_string = not self._is_string
            elif found[0] == CLOSE and (not self._is_string or is_whole(self._body[: found.start()])):
                return self._end_block(found.start())
            elif found[0] == CLOSE and self._doubtful is None:
                self._doubtful = found.start()
            elif found[0] == OPEN and not self._is_string:
                return self._begin_again(found)
        self._at = max(self._at, len(self._body) - len(CLOSE) + 1)
        return None

    def _begin_block(self) -> None:
        self._body, self._at, self._is_string, self._doubtful = "", 0, False, None

    def _begin_again(self, found: re.Match[str]) -> tuple[str | Block, str]:
        """A block inside a block: the outer one wraps it when it is blank, else it was cut off."""
        outer, rest = found.string[: found.start()], found.string[found.end() :]
        self._begin_block()
        if outer.strip():
            return Block(outer, cut=True), rest
        self._wrappers += 1
        return "", rest

    def _end_block(self, end: int) -> tuple[Block, str]:
        assert self._body is not None
        raw, rest = self._body[:end], self._body[end + len(CLOSE) :]
        self._body = None
        self._marks = CodeMarks()
        self._is_after = True
        return Block(raw), rest
