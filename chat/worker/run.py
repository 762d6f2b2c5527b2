"""One generation in this worker's hands, and what is known of it so far. No input or output here."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chat.token_log import Entry, Field, encode, key_of
from chat.transcript import PART_OF_CHANNEL, Part, Transcript


@dataclass(slots=True, kw_only=True, eq=False)
class Run:
    """The transcript is everything released so far; `pending` is the part of it that is not in the log yet."""

    generation_id: uuid.UUID
    epoch: int
    sequence: int
    transcript: Transcript
    pending: list[Field] = field(default_factory=list)
    saved_sequence: int = 0
    first_token_at: datetime | None = None
    # How the answer is made (chat.manifest), once that is resolved.
    manifest: dict[str, Any] = field(default_factory=dict)
    # What a policy has read of the answer (chat.coverage), as far as it is shown; empty where there is none.
    coverage: Callable[[], dict[str, Any]] = dict
    needs_snapshot: bool = False
    # The next snapshot takes the place of everything before it: that is deleted.
    trims: bool = False
    # What is saved must be saved anew, at once.
    save_due: asyncio.Event = field(default_factory=asyncio.Event)
    urgent: bool = False
    begun: bool = False
    expiry_due: bool = True
    stop_requested: bool = False
    fenced: bool = False
    is_ending: bool = False
    task: asyncio.Task[None] | None = None

    @property
    def key(self) -> str:
        return key_of(self.generation_id)

    def release(self, channel: str, text: str) -> None:
        """Take text that people may see. The first text of a run is urgent."""
        self.urgent = self.urgent or not self.begun
        self.begun = True
        self.transcript.append(channel, text)
        self.pending.append((channel, text))

    def open(self, part: Part) -> None:
        """Begin a part that has facts of its own; text that is released next goes on with it."""
        self.transcript.add(part)
        self.pending.append(("n", encode({"text": "", **part})))

    def add(self, part: Part) -> None:
        """Take a whole part that people may see."""
        self.urgent = self.urgent or not self.begun
        self.begun = True
        self.open(part)

    def notice(self, code: str, text: str) -> None:
        """Tell the reader something about the answer, inside it."""
        self.open({"type": "notice", "code": code, "text": text})

    def has_notice(self, code: str) -> bool:
        """Say whether the answer holds this notice."""
        return any(part.get("code") == code for part in self.transcript.parts())

    def retract(self, part: int, keep: int) -> None:
        """Take back everything of one part after its first `keep` characters (code points)."""
        self.transcript.retract(part, keep)
        self.pending.append(("x", encode({"part": part, "keep": keep})))

    def amend(self, part: int, *, keep: int | None = None, add: str = "") -> None:
        """Change a part in its middle: keep its first characters and add text. No log and no row keeps the rest."""
        if keep is not None:
            self.transcript.retract(part, keep)
        self.transcript.extend(part, add)
        self.pending.clear()
        self.needs_snapshot = self.trims = self.urgent = True
        self.save_due.set()

    def restart_from(self, parts: list[dict[str, Any]]) -> None:
        """Begin with these parts in place of whatever the log holds."""
        self.transcript = Transcript(parts)
        self.pending.clear()
        self.needs_snapshot = True

    def interrupt(self) -> None:
        """End the stream early. An ending that has begun is not disturbed: it is the only one there is."""
        # Not at once: a task that is cancelled before its first step would never come to its ending.
        asyncio.get_running_loop().call_soon(self._cancel)

    def _cancel(self) -> None:
        if self.task is not None and not self.is_ending:
            self.task.cancel()

    @property
    def dirty(self) -> bool:
        return bool(self.pending) or self.needs_snapshot

    def take(self) -> list[Entry]:
        """Return the next entries and count them as written; what fails later is healed by a snapshot."""
        fields = self._snapshot() if self.needs_snapshot else merged(self.pending)
        self.needs_snapshot = False
        self.urgent = False
        self.pending = []
        return [self._entry(kind, value) for kind, value in fields]

    def last_entry(self, facts: dict[str, object]) -> Entry:
        """Return the entry that ends this run."""
        return self._entry("e", encode(facts))

    def _entry(self, kind: str, value: str) -> Entry:
        self.sequence += 1
        return Entry(epoch=self.epoch, sequence=self.sequence, kind=kind, value=value)

    def _snapshot(self) -> list[Field]:
        return [("s", encode({"parts": self.transcript.parts()}))]


def merged(fields: list[Field]) -> list[Field]:
    """Join neighbouring text of one channel."""
    if len(fields) < 2:
        return fields
    joined: list[tuple[str, list[str]]] = []
    for kind, value in fields:
        if joined and joined[-1][0] == kind and kind in PART_OF_CHANNEL:
            joined[-1][1].append(value)
        else:
            joined.append((kind, [value]))
    return [(kind, "".join(values)) for kind, values in joined]
