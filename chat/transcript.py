"""What has been shown of an answer, as typed parts that grow at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Part = dict[str, Any]

PART_OF_CHANNEL = {"a": "text", "r": "reasoning", "j": "json"}


class Transcript:
    """Fold deltas into parts. Text is kept in pieces and joined when it is read."""

    def __init__(self, parts: Iterable[Mapping[str, Any]] = ()) -> None:
        self._heads: list[Part] = []
        self._pieces: list[list[str]] = []
        for part in parts:
            self._begin(dict(part))

    def append(self, channel: str, text: str) -> None:
        """Add text of a channel: to the last part when it is of that kind, else as a new part."""
        kind = PART_OF_CHANNEL[channel]
        if not self.grows(kind):
            self._begin({"type": kind})
        self._pieces[-1].append(text)

    def add(self, part: Mapping[str, Any]) -> None:
        """Add a whole part, such as a notice, or one that is still to grow."""
        self._begin(dict(part))

    def retract(self, index: int, keep: int) -> None:
        """Take back everything of one part after its first `keep` characters."""
        self._pieces[index] = ["".join(self._pieces[index])[:keep]]

    def extend(self, index: int, text: str) -> None:
        """Add text to one part, wherever it stands."""
        self._pieces[index].append(text)

    def annotate(self, kind: str, **facts: object) -> None:
        """Put facts (seconds, tokens) on the first part of a kind, if there is one."""
        for head in self._heads:
            if head["type"] == kind:
                head.update(facts)
                return

    def last(self, kind: str) -> int | None:
        """Return the place of the last part of a kind, None when there is none."""
        return next((at for at in range(len(self._heads) - 1, -1, -1) if self._heads[at]["type"] == kind), None)

    @property
    def last_place(self) -> int | None:
        """The place of the last part, None when there is none."""
        return len(self._heads) - 1 if self._heads else None

    def grows(self, kind: str) -> bool:
        """Say whether new text of a kind goes on with the last part."""
        return bool(self._heads) and self._heads[-1]["type"] == kind

    def parts(self) -> list[Part]:
        """Return the parts as stored and as sent."""
        return [{**head, "text": "".join(pieces)} for head, pieces in zip(self._heads, self._pieces, strict=True)]

    def text(self, kind: str = "text") -> str:
        """Return the text of all parts of one kind."""
        return "".join(
            "".join(pieces) for head, pieces in zip(self._heads, self._pieces, strict=True) if head["type"] == kind
        )

    def _begin(self, part: Part) -> None:
        self._pieces.append([str(part.pop("text", ""))])
        self._heads.append(part)
