"""What a recognizer finds in a whole text, said as simply as possible."""

from __future__ import annotations

import re2

from moderation.recognizers import Recognizer


def search(recognizer: Recognizer, text: str) -> list[tuple[int, int]]:
    """Return the spans of all patterns, sorted."""
    return sorted({span for pattern in recognizer.patterns for span in _search(recognizer, pattern, text)})


def _search(recognizer: Recognizer, pattern: str, text: str) -> list[tuple[int, int]]:
    options = re2.Options()
    options.longest_match = True
    expression = re2.compile(pattern, options)
    spans, at = [], 0
    while candidate := expression.search(text, at):
        start, end = candidate.span()
        while end < len(text) and text[end] in recognizer.tail and end - start < recognizer.longest:
            end += 1
        found = recognizer.find(text[start:end])
        at = start + 1
        if found and found[0] < found[1]:
            spans.append((start + found[0], start + found[1]))
        if found:
            at = max(at, start + found[1])
    return spans
