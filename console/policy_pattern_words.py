"""Read a pattern aloud, for people who do not read regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from console.policy_words import joined
from moderation.matchers.syntax import Atom, Choice, Edge, Node, Repeat, Sequence

LONGEST = 300
NAMES = {
    r"\d": ("a digit", "digits"),
    r"\D": ("no digit", "characters that are no digit"),
    r"\w": ("a letter, digit or _", "letters, digits or _"),
    r"\W": ("a sign or space", "signs or spaces"),
    r"\s": ("a space", "spaces"),
    r"\S": ("no space", "characters that are no space"),
    ".": ("any character", "characters of any kind"),
    "[0-9]": ("a digit", "digits"),
    "[a-z]": ("a small letter", "small letters"),
    "[A-Z]": ("a capital letter", "capital letters"),
    "[a-zA-Z]": ("a letter", "letters"),
    "[A-Za-z]": ("a letter", "letters"),
    r"\n": ("a line break", "line breaks"),
    r"\t": ("a tab", "tabs"),
}
EDGES = {r"\b": "the edge of a word", r"\B": "the inside of a word"}
ESCAPED = re.compile(r"\\([^\w\s])")


def aloud(node: Node) -> str:
    """Return what a pattern matches, in words; a very long one is cut."""
    words = _words(node)
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1].rstrip(', ')}…"


def _words(node: Node) -> str:
    match node:
        case Atom(source):
            return _atom(source, 1)
        case Edge(source):
            return EDGES[source]
        case Sequence(items):
            return ", then ".join(_sequence(items))
        case Choice(options):
            return joined([_words(one) or "nothing" for one in options], "or")
        case Repeat():
            return _repeat(node)


def _sequence(items: Iterable[Node]) -> Iterator[str]:
    """Yield the parts of a sequence, letters that follow each other as one text."""
    text = ""
    for one in items:
        letter = _letter(one)
        if letter:
            text += letter
            continue
        if text:
            yield f"“{text}”"
            text = ""
        yield _words(one)
    if text:
        yield f"“{text}”"


def _letter(node: Node) -> str:
    """Return the one character that a node stands for, or nothing."""
    if not isinstance(node, Atom) or node.source in NAMES:
        return ""
    escaped = ESCAPED.fullmatch(node.source)
    if escaped:
        return escaped[1]
    return node.source if len(node.source) == 1 else ""


def _atom(source: str, count: int) -> str:
    if source in NAMES:
        return NAMES[source][0 if count == 1 else 1]
    letter = _letter(Atom(source))
    if letter:
        return f"“{letter}”" if count == 1 else f"times “{letter}”"
    return f"one of {source}" if count == 1 else f"of {source}"


def _repeat(node: Repeat) -> str:
    item = node.item
    times = _times(node.low, node.high)
    if isinstance(item, Atom):
        return f"perhaps {_atom(item.source, 1)}" if times == "perhaps" else f"{times} {_atom(item.source, 2)}"
    return f"perhaps ({_words(item)})" if times == "perhaps" else f"{times} times ({_words(item)})"


def _times(low: int, high: int | None) -> str:
    if (low, high) == (0, 1):
        return "perhaps"
    if high is None:
        return f"{low} or more" if low else "any number of"
    return f"{low}" if low == high else f"{low} to {high}"
