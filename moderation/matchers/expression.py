"""One expression: what matches, and what may begin a match. Both are RE2's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import re2

from moderation.matchers.bounds import beginning, bounded, folded, longest, loosened, written
from moderation.matchers.syntax import Choice, Edge, Node, Repeat, Sequence, Unreadable, parse

MEMORY = 1 << 26
Find = Callable[[str], tuple[int, int] | None]


def compiled(source: str) -> Any:
    """Return an expression whose longest match counts; raises Unreadable."""
    options = re2.Options()
    options.longest_match, options.log_errors, options.max_mem = True, False, MEMORY
    try:
        return re2.compile(source.encode(), options)
    except re2.error as error:
        raise Unreadable(f"This is not an expression of RE2: {_words(error)}.") from error


def _words(error: re2.error) -> str:
    said = error.args[0] if error.args else ""
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)


class Expression:
    """`find` picks what counts from a match (moderation.recognizers says how).

    Characters of `tail` that follow a match directly belong to it, up to `longest` characters in all.
    """

    def __init__(
        self,
        source: str,
        rule: int,
        *,
        ignores_case: bool = False,
        table: Mapping[str, str] | None = None,
        find: Find | None = None,
        tail: frozenset[str] = frozenset(),
        longest_tail: int = 0,
    ) -> None:
        compiled(source)
        node = bounded(folded(parse(source), table) if table is not None else parse(source))
        self.rule = rule
        self.find = find
        self.tail = frozenset("".join(tail).encode())
        self.longest = longest_tail if tail else longest(node)
        self.has_edge = _has_edge(node)
        self._flag = "i" if ignores_case else ""
        self.exact, self.loose = self._sources(node), self._sources(loosened(node))
        self.match = compiled(self.exact[0])
        self.beginnings = Beginnings([self])
        if self.match.search(b"") is not None:
            raise Unreadable("It matches where nothing is: make at least one character necessary.")

    def _sources(self, node: Node) -> tuple[str, str | None]:
        """Return what matches, and what begins a match."""
        begins = beginning(node)
        return f"(?{self._flag}:{written(node)})", f"(?{self._flag}:{begins})" if begins else None


def _has_edge(node: Node) -> bool:
    match node:
        case Edge():
            return True
        case Sequence(parts) | Choice(parts):
            return any(map(_has_edge, parts))
        case Repeat(item):
            return _has_edge(item)
        case _:
            return False


class Beginnings:
    """Where some expressions may begin a match that is not complete at the end of a text.

    Looking backwards from the end is quick only where little is counted. So a loose expression says where to look,
    and the exact one whether it is so.
    """

    def __init__(self, expressions: Iterable[Expression]) -> None:
        several = list(expressions)
        exact = [one.exact[1] for one in several if one.exact[1]]
        loose = [one.loose[1] for one in several if one.loose[1]]
        self._exact = compiled("|".join(exact)) if exact else None
        self._loose = compiled(f"(?:{'|'.join(loose)})\\z") if exact else None

    def first(self, text: bytes, at: int) -> int:
        """Return where the first one begins from an offset on; the text's length where there is none."""
        if self._exact is None or self._loose is None:
            return len(text)
        while at < len(text) and self._exact.fullmatch(text, at) is None:
            found = self._loose.search(text, at + width(text[at]))
            at = found.start() if found else len(text)
        return at


def width(first: int) -> int:
    """Return how many bytes a character has that begins with this one."""
    return 1 if first < 0x80 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4


def bounded_source(source: str) -> str:
    """Return an expression as it is used, every repetition bounded; raises Unreadable."""
    compiled(source)
    return written(bounded(parse(source)))


def longest_of(source: str) -> int:
    """Return how many characters a match of an expression can have; raises Unreadable."""
    return longest(bounded(parse(source)))
