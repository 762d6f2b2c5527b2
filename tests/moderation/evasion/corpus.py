"""The evasion corpus: terms that nobody forbids, in every disguise, inside ordinary sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

from tests.moderation.evasion.disguises import DISGUISES

# Code names, as an organization would protect them. None is in a table of the product.
TERMS = ("halberd", "quicksilver", "marzipan", "nightjar", "obsidian", "tamarisk", "wolfsbane", "zephyrine")
SENTENCES = (
    "Please tell them about {} tomorrow.",
    "{} is what the board decided.",
    "Nobody outside may hear of {}",
    "Das Vorhaben ({}) beginnt im Mai.",
    "> quoted: {}, and so on\n\nNext line.",
    "1. first\n2. {}\n3. last",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evasion:
    """A disguised term in a sentence. `pieces` are what arrives one after the other."""

    kind: str
    term: str
    text: str
    pieces: tuple[str, ...]


def evasions() -> Iterator[Evasion]:
    """Yield the cases of every class, each class with all terms and all its disguises."""
    for kind, disguise in DISGUISES.items():
        yield from _of(kind, disguise, cycle(SENTENCES))


def _of(kind: str, disguise: object, sentences: Iterator[str]) -> Iterator[Evasion]:
    assert callable(disguise)
    writings = [(term, list(disguise(term))) for term in TERMS]
    for place in range(max(len(found) for _, found in writings)):
        for term, found in writings:
            if place < len(found):
                text = next(sentences).format(found[place])
                yield Evasion(kind=kind, term=term, text=text, pieces=_pieces(kind, text, place))


def _pieces(kind: str, text: str, place: int) -> tuple[str, ...]:
    if kind != "split":
        return (text,)
    size = (1, 2, 3, 7)[place % 4]
    return tuple(text[at : at + size] for at in range(0, len(text), size))
