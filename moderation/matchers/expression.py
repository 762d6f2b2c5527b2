"""One expression: what matches, and what may begin a match. Both are RE2's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from moderation.matchers.bounds import beginning, bounded, folded, longest, loosened, shortest, written
from moderation.matchers.search import Search
from moderation.matchers.syntax import Choice, Edge, Node, Repeat, Sequence, Unreadable, parse

TOGETHER = 16
Find = Callable[[str], tuple[int, int] | None]


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
        node = _bounded(source, table)
        self.rule = rule
        self.find = find
        self.tail = frozenset("".join(tail).encode())
        self.longest = longest_tail if tail else longest(node)
        self.shortest = shortest(node)
        self.has_edge = _has_edge(node)
        self._flag = "i" if ignores_case else ""
        self.exact, self.loose = self._sources(node), self._sources(loosened(node))
        self.match = Search(self.exact[0])

    @cached_property
    def beginnings(self) -> Beginnings:
        """Where it alone may begin: needed only where something was found."""
        return Beginnings([self])

    def _sources(self, node: Node) -> tuple[str, str | None]:
        """Return what matches, and what begins a match."""
        begins = beginning(node)
        return f"(?{self._flag}:{written(node)})", f"(?{self._flag}:{begins})" if begins else None


def _bounded(source: str, table: Mapping[str, str] | None = None) -> Node:
    node = parse(source)
    node = bounded(node if table is None else folded(node, table))
    if shortest(node) == 0:
        raise Unreadable("It matches where nothing is: make at least one character necessary.")
    return node


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
        several = [one for one in expressions if one.exact[1]]
        exact = [one.exact[1] or "" for one in several]
        loose = "|".join(one.loose[1] or "" for one in several)
        # RE2 takes much longer than twice as long to compile twice as many of these.
        self._exact = [Search("|".join(exact[at : at + TOGETHER])) for at in range(0, len(exact), TOGETHER)]
        self._loose = Search(f"(?:{loose})\\z") if several else None

    def is_one(self, text: bytes, at: int) -> bool:
        """Say whether all of the text from an offset on may begin a match."""
        return any(one.is_all(text, at) for one in self._exact)

    def first(self, text: bytes, at: int) -> int:
        """Return where the first one begins from an offset on; the text's length where there is none."""
        if self._loose is None:
            return len(text)
        while found := self._loose.find(text, at):
            at = found[0]
            if at == len(text) or self.is_one(text, at):
                return at
            at += width(text[at])
        return len(text)


def width(first: int) -> int:
    """Return how many bytes a character has that begins with this one."""
    return 1 if first < 0x80 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4


def bounded_source(source: str) -> str:
    """Return an expression as it is used, every repetition bounded; raises Unreadable."""
    used = written(_bounded(source))
    Search(used)
    return used


def longest_of(source: str) -> int:
    """Return how many characters a match of an expression can have; raises Unreadable."""
    return longest(_bounded(source))
