"""Run by vLLM's own interpreter: the parser's text, cut in every way, with tags that are known before they are read.

Prints the cuts that went wrong, one JSON line each, then how many were tried.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from itertools import combinations
from typing import Any

# Text, whether the prompt has opened the thought, then thought and answer.
CASES = [
    ("<think>\na</think>\nb", False, "\na", "\nb"),
    (" \n<think>a</think>b", False, "a", "b"),
    ("<think></think>b", False, "", "b"),
    ("<think>a</think>", False, "a", ""),
    ("<think>a < b </ c", False, "a < b </ c", ""),
    ("a</think>b</think>c", True, "a", "b</think>c"),
    ("a <thin", True, "a <thin", ""),
    ("<b>a", False, "", "<b>a"),
    ("<think", False, "", "<think"),
]


def cuts(text: str) -> Iterator[list[str]]:
    """Yield a text in one, two and three pieces, at every place."""
    for count in range(3):
        for places in combinations(range(1, len(text)), count):
            edges = [0, *places, len(text)]
            yield [text[begin:end] for begin, end in zip(edges, edges[1:], strict=False)]


def tried(parser: Any, pieces: list[str], opened: bool, known: int) -> tuple[str, str]:
    """Feed pieces; the closing tag's token comes with the piece `known`. Return thought and answer."""
    text = "".join(pieces)
    leading = parser.LeadingThought(opened=opened)
    thought, answer, seen = "", "", ""
    for place, piece in enumerate(pieces):
        seen += piece
        if leading.ended:
            # vLLM asks no more.
            answer += piece
            continue
        thinks = text.lstrip().startswith("<think>") if seen.strip() else None
        one, other = leading.feed(piece, thinks=thinks, closes="</think>" in text and place == known)
        thought, answer = thought + one, answer + other
    return thought, answer


def main(path: str) -> None:
    spec = importlib.util.spec_from_file_location("hermes4", path)
    assert spec and spec.loader
    parser = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(parser)
    count = 0
    for text, opened, *expected in CASES:
        for pieces in cuts(text):
            # The token is there when its first letter is read, or before.
            tag = len(text.partition("</think>")[0])
            first = next((at for at in range(len(pieces)) if len("".join(pieces[: at + 1])) > tag), 0)
            for known in range(first + 1):
                count += 1
                found = tried(parser, pieces, opened, known)
                if list(found) != expected:
                    sys.stdout.write(json.dumps([pieces, opened, known, found]) + "\n")
    sys.stdout.write(f"{count}\n")


main(sys.argv[1])
