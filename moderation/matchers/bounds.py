"""How long a match can be, and what text can begin one.

Repetition without a bound is given one, so that what is held back is finite. What may begin a match is itself an
expression of RE2: of "ab" it is "", "a"; of "ab|c" likewise of each; of "(ab){3}" it is up to two times "ab" and then
what begins one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from moderation.matchers.syntax import Atom, Choice, Edge, Node, Repeat, Sequence, Unreadable

REPETITIONS = 64
"""What * and + and {n,} stand for, at most, …"""
COUNTED = 4
LONGEST = 1_000
"""… and the most characters of a match: with it, repetitions within repetitions get smaller bounds."""


def bounded(node: Node) -> Node:
    """Give every repetition a bound; raises Unreadable when a match could be too long even so."""
    bound = REPETITIONS
    while bound:
        found = _bounded(node, bound)
        if longest(found) <= LONGEST:
            return found
        bound //= 2
    raise Unreadable(f"A match could be longer than {LONGEST} characters: write smaller numbers of repetitions.")


def _bounded(node: Node, bound: int) -> Node:
    match node:
        case Repeat(item, low, high):
            return Repeat(_bounded(item, bound), low, max(low, bound) if high is None else high)
        case Sequence(items):
            return replace(node, items=tuple(_bounded(item, bound) for item in items))
        case Choice(options):
            return replace(node, options=tuple(_bounded(option, bound) for option in options))
        case _:
            return node


def folded(node: Node, table: Mapping[str, str]) -> Node:
    """Return an expression whose single letters are written as the view writes them."""
    match node:
        case Atom(source, flags) if len(source) == 1 and source != "." and table[source] != source:
            return Sequence(tuple(Atom(re.escape(character), flags) for character in table[source]))
        case Repeat(item):
            return replace(node, item=folded(item, table))
        case Sequence(items):
            return replace(node, items=tuple(folded(item, table) for item in items))
        case Choice(options):
            return replace(node, options=tuple(folded(option, table) for option in options))
        case _:
            return node


def loosened(node: Node) -> Node:
    """Return an expression that matches all of that and more, and is smaller: it counts only to four."""
    match node:
        case Repeat(item, low, high):
            if high is not None and high <= COUNTED:
                return Repeat(loosened(item), low, high)
            return Repeat(loosened(item), min(low, 1), None)
        case Sequence(items):
            return replace(node, items=tuple(loosened(item) for item in items))
        case Choice(options):
            return replace(node, options=tuple(loosened(option) for option in options))
        case _:
            return node


def longest(node: Node) -> int:
    """Return the most characters that a bounded expression takes."""
    match node:
        case Atom():
            return 1
        case Edge():
            return 0
        case Sequence(items):
            return sum(longest(item) for item in items)
        case Choice(options):
            return max(longest(option) for option in options)
        case Repeat(item, _, high):
            return longest(item) * (high or 0)


def shortest(node: Node) -> int:
    """Return the fewest characters that an expression takes."""
    match node:
        case Atom():
            return 1
        case Edge():
            return 0
        case Sequence(items):
            return sum(shortest(item) for item in items)
        case Choice(options):
            return min(shortest(option) for option in options)
        case Repeat(item, low, _):
            return shortest(item) * low


def written(node: Node) -> str:
    """Return an expression as RE2 reads it."""
    match node:
        case Atom(source, flags):
            return f"(?{flags}:{source})" if flags else source
        case Edge(source):
            return source
        case Sequence(items):
            return "".join(_grouped(item) if isinstance(item, Choice) else written(item) for item in items)
        case Choice(options):
            return "|".join(written(option) for option in options)
        case Repeat(item, low, high):
            one = written(item) if isinstance(item, Atom) else _grouped(item)
            return one + _counted(low, high)


def _counted(low: int, high: int | None) -> str:
    if high is None:
        return {0: "*", 1: "+"}.get(low, f"{{{low},}}")
    return "?" if (low, high) == (0, 1) else f"{{{low},{high}}}"


def _grouped(node: Node) -> str:
    return f"(?:{written(node)})"


def beginning(node: Node) -> str | None:
    """Return the expression of all texts that more characters can make a match; None where there are none.

    The edge of a word counts as a character that is still to come: it is known only with the next one.
    """
    match node:
        case Atom() | Edge():
            return ""
        case Sequence(items):
            return _beginning_of_sequence(items)
        case Choice(options):
            found = [one for option in options if (one := beginning(option)) is not None]
            return _either(found)
        case Repeat(item, _, high):
            inner = beginning(item)
            if high == 0 or inner is None:
                return None
            return inner if high == 1 else f"{written(Repeat(item, 0, high and high - 1))}{inner}"


def _beginning_of_sequence(items: tuple[Node, ...]) -> str | None:
    rest: str | None = None
    for item in reversed(items):
        own = beginning(item)
        one = _grouped(item) if isinstance(item, Choice) else written(item)
        after = None if rest is None else one + rest
        rest = _either([found for found in (own, after) if found is not None])
    return rest


def _either(options: list[str]) -> str | None:
    if not options:
        return None
    filled = [option for option in dict.fromkeys(options) if option]
    joined = filled[0] if len(filled) == 1 else f"(?:{'|'.join(filled)})" if filled else ""
    return f"(?:{joined})?" if joined and "" in options else joined
