"""The syntax of RE2's expressions, as far as it decides where a match may begin and how long it can be.

Everything that takes exactly one character (a letter, a class, an escape) is an `Atom` with its source as it was
written; RE2 itself says whether it is valid.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


class Unreadable(ValueError):
    """An expression that cannot be used on a stream; its text says what to do."""


@dataclass(frozen=True, slots=True)
class Atom:
    """`flags` are those of RE2 that hold there: i, s."""

    source: str
    flags: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    source: str


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """`high` is None where it was written without a bound."""

    item: Node
    low: int
    high: int | None


Node = Atom | Edge | Sequence | Choice | Repeat

_COUNT = re.compile(r"\{(\d+)(,(\d*))?\}")
_ESCAPE = re.compile(r"\\(?:x\{[0-9A-Fa-f]+\}|x[0-9A-Fa-f]{2}|[pP](?:\{\^?\w+\}|\w)|[0-7]{1,3}|.)", re.DOTALL)
_CLASS = re.compile(r"\[\^?\]?(?:\[:\^?\w+:\]|\\(?:[pP]\{\^?\w+\}|x\{[0-9A-Fa-f]+\}|.)|[^\]\\])*\]", re.DOTALL)
_GROUP = re.compile(r"\((?:\?(?:P?<\w+>|([imsU]*)(?:-([imsU]+))?(:|\))))?")
_QUOTED = re.compile(r"\\Q(.*?)(?:\\E|$)", re.DOTALL)
_ENDS = {
    "^": "A text has no lines here: write \\b for the edge of a word instead of ^.",
    "$": "Where a text ends is not known while it comes: write \\b for the edge of a word instead of $.",
}


def parse(source: str) -> Node:
    """Return the tree of an expression that RE2 takes; raises Unreadable."""
    return _Parser(source).whole()


class _Parser:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._flags: frozenset[str] = frozenset()

    def whole(self) -> Node:
        node = self._choice()
        if self._at < len(self._source):
            raise Unreadable("There is a closing bracket too many.")
        return node

    def _choice(self) -> Node:
        options = [self._sequence()]
        while self._next() == "|":
            self._at += 1
            options.append(self._sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self) -> Node:
        items: list[Node] = []
        while self._next() not in ("", "|", ")"):
            items += self._repeated(self._piece())
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def _next(self) -> str:
        return self._source[self._at : self._at + 1]

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self._source, self._at)
        if found:
            self._at = found.end()
        return found

    def _piece(self) -> list[Node]:
        """Return what a repetition may follow: only the last of them is repeated."""
        match self._next():
            case "(":
                return self._group()
            case "[":
                found = self._take(_CLASS)
                if not found:
                    raise Unreadable("A [ has no ].")
                return [self._atom(found.group())]
            case "\\":
                return self._escape()
            case "^" | "$" as sign:
                raise Unreadable(_ENDS[sign])
            case character:
                self._at += 1
                return [self._atom(character)]

    def _group(self) -> list[Node]:
        found = self._take(_GROUP)
        if not found or (found.group() == "(" and self._next() == "?"):
            raise Unreadable("RE2 does not know this kind of group: it cannot look ahead or behind.")
        outer = self._flags
        if found[3] is not None:
            self._set(found[1], found[2] or "")
        if found[3] == ")":
            return []
        node = self._choice()
        if self._next() != ")":
            raise Unreadable("A ( has no ).")
        self._at += 1
        self._flags = outer
        return [node]

    def _set(self, on: str, off: str) -> None:
        if "m" in on:
            raise Unreadable("A text has no lines here: leave the flag m out.")
        self._flags = (self._flags | frozenset(on) - {"U"}) - frozenset(off)

    def _escape(self) -> list[Node]:
        if quoted := self._take(_QUOTED):
            return [self._atom(re.escape(character)) for character in quoted[1]]
        found = self._take(_ESCAPE)
        if not found:
            raise Unreadable("A \\ has nothing after it.")
        if found.group() in (r"\b", r"\B"):
            return [Edge(found.group())]
        if found.group() in (r"\A", r"\z"):
            raise Unreadable("Where a text begins or ends does not count here: leave \\A and \\z out.")
        if found.group() == r"\C":
            raise Unreadable("\\C takes half characters: write . instead.")
        return [self._atom(found.group())]

    def _atom(self, source: str) -> Atom:
        return Atom(source, "".join(sorted(self._flags)))

    def _repeated(self, nodes: list[Node]) -> list[Node]:
        bounds = self._bounds()
        if bounds is None or not nodes:
            return nodes
        if self._next() == "?":
            self._at += 1  # Lazy or not, the longest match counts.
        return [*nodes[:-1], Repeat(nodes[-1], *bounds)]

    def _bounds(self) -> tuple[int, int | None] | None:
        if (sign := self._next()) and sign in "*+?":
            self._at += 1
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        if not (count := self._take(_COUNT)):
            return None
        low = int(count[1])
        return low, low if count[2] is None else int(count[3]) if count[3] else None
