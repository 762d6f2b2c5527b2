"""What changed from one version of a schema to the next, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from inference.json_text import print_json

SAME, ADDED, REMOVED = "same", "added", "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffLine:
    kind: str
    text: str


def diff(before: object, after: object) -> list[DiffLine]:
    """Return all lines of both documents in order, each once."""
    old, new = print_json(before).split("\n"), print_json(after).split("\n")
    return list(_lines(old, new))


def _lines(old: list[str], new: list[str]) -> Iterator[DiffLine]:
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    for kind, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            yield from (DiffLine(kind=SAME, text=one) for one in old[old_start:old_end])
            continue
        yield from (DiffLine(kind=REMOVED, text=one) for one in old[old_start:old_end])
        yield from (DiffLine(kind=ADDED, text=one) for one in new[new_start:new_end])
