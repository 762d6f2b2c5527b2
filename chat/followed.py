"""One followed token log: what is known of it, who watches it, and what they are shown."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from chat import frames, token_log
from chat.foresight import Place
from chat.token_log import Entry
from chat.transcript import Part, Transcript


class Watcher(Protocol):
    """A page that follows generations. The calls put frames in order; `flush` sends them."""

    def show(self, generation_id: uuid.UUID, entries: Sequence[Entry]) -> None:
        """Add new text, or the end, to what is shown."""

    def replace(self, generation_id: uuid.UUID, sequence: int, parts: list[Part]) -> None:
        """Show the whole answer so far in place of what is shown."""

    def look(self, generation_id: uuid.UUID) -> None:
        """The answer has ended without a word in the log; its row knows how."""

    def wait(self, generation_id: uuid.UUID, place: Place | None) -> None:
        """Say where the answer is in line; None: it waits no more."""

    def unsettled(self, words: str) -> None:
        """The log is out of reach, or (empty words) back."""

    async def flush(self) -> None:
        """Send what was put in order."""


@dataclass(slots=True, eq=False)
class Followed:
    """What is known of one log. `sequence` is the last entry known; `entries` fold from nothing."""

    generation_id: uuid.UUID
    entries: list[Entry] = field(default_factory=list)
    sequence: int = 0
    last_id: str = "0-0"
    heard_at: float = 0.0
    watchers: dict[Watcher, None] = field(default_factory=dict)

    def take(self, entry: Entry) -> bool:
        """Fold one more entry in; return False when something before it is missing."""
        if entry.sequence <= self.sequence:
            return True
        if not token_log.follows(entry, self.sequence):
            return False
        if entry.kind == "s":
            self.entries.clear()
        self.entries.append(entry)
        self.sequence = entry.sequence
        return True

    def hear(self, entries: Sequence[Entry]) -> bool:
        """Fold what the log brought in and show it; return False when something before it is missing."""
        self.last_id = entries[-1].id
        fresh = token_log.from_last_snapshot([entry for entry in entries if entry.sequence > self.sequence])
        if not all(self.take(entry) for entry in fresh):
            return False
        for watcher in list(self.watchers) if fresh else ():
            present(watcher, self, fresh)
        return True

    def after(self, sequence: int) -> list[Entry] | None:
        """Return the entries after a sequence, or None when they no longer fold onto it."""
        rest = [entry for entry in self.entries if entry.sequence > sequence]
        if not rest:
            return [] if sequence == self.sequence else None
        return rest if token_log.follows(rest[0], sequence) else None

    def parts(self) -> list[Part]:
        """Return the answer so far."""
        return token_log.fold(Transcript(), self.entries).parts()


def catch_up(watcher: Watcher, followed: Followed, have: int | None) -> None:
    """Bring a watcher that has everything up to `have` to where the log is."""
    if have and not followed.sequence:
        # The log is lost: what the page has stays until a snapshot comes, or the row's end.
        return
    rest = None if have is None else followed.after(have)
    if rest is not None:
        present(watcher, followed, rest)
        return
    watcher.replace(followed.generation_id, followed.sequence, followed.parts())
    if followed.entries and followed.entries[-1].kind == "e":
        watcher.show(followed.generation_id, followed.entries[-1:])


def present(watcher: Watcher, followed: Followed, entries: Sequence[Entry]) -> None:
    """Show new entries: text and retractions as they are, anything else as the whole answer again."""
    text = [entry for entry in entries if entry.kind != "e"]
    if any(entry.kind not in frames.STEPS for entry in text):
        watcher.replace(followed.generation_id, text[-1].sequence, followed.parts())
        text = []
    ends = [entry for entry in entries[-1:] if entry.kind == "e"]
    if text or ends:
        watcher.show(followed.generation_id, [*text, *ends])
