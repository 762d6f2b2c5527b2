"""What one socket shows, and the frames that keep it right. No input or output here: frames are collected."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chat import frames
from chat.foresight import Place
from chat.receipt import states_of
from chat.snapshot import Snapshot, Writing
from chat.states import ACTIVE, State
from chat.token_log import Entry
from chat.transcript import Part
from chat.visibility import Sight


@dataclass(slots=True, kw_only=True)
class Stream:
    """An answer that this socket follows live, under a small number; the page was sent it up to `sequence`."""

    number: int
    generation_id: uuid.UUID
    conversation_id: uuid.UUID
    message_id: uuid.UUID
    sequence: int = 0


@dataclass(slots=True, kw_only=True)
class Shown:
    """What the page knows of a conversation: its version, and each message without its text."""

    version: datetime
    messages: dict[str, Mapping[str, Any]] = field(default_factory=dict)


class SocketView:
    """`sight` says what its person may see; until it is known that is the least."""

    def __init__(self) -> None:
        self.sight = Sight(reasoning=False)
        self.frames: deque[str] = deque()
        self.shown: dict[uuid.UUID, Shown] = {}
        self.streams: dict[uuid.UUID, Stream] = {}
        self._numbers = 0

    def put(self, kind: str, **facts: object) -> None:
        """Put a control frame in order."""
        self.frames.append(frames.frame(kind, **facts))

    def show_conversation(self, snapshot: Snapshot, ref: str | None) -> None:
        """Show a conversation whole."""
        self.shown[snapshot.conversation_id] = Shown(
            version=snapshot.version,
            messages={one["id"]: _outline(one) for one in snapshot.messages},
        )
        self.put("conversation", ref=ref, conversation=snapshot.conversation, messages=snapshot.messages)

    def add_messages(self, snapshot: Snapshot) -> None:
        """Show messages that continue what is shown."""
        self.shown[snapshot.conversation_id].version = snapshot.version
        for one in snapshot.messages:
            self._show_message(snapshot, one)

    def update_conversation(self, snapshot: Snapshot) -> dict[uuid.UUID, int]:
        """Show what is new or different; the whole when the shown branch is another one.

        Return the generations to leave, and up to where the page was sent each.
        """
        shown = self.shown[snapshot.conversation_id]
        if set(shown.messages) - {one["id"] for one in snapshot.messages}:
            left = self.close(snapshot.conversation_id)
            self.show_conversation(snapshot, None)
            return left
        shown.version = snapshot.version
        followed = {str(stream.message_id) for stream in self.streams.values()}
        for one in snapshot.messages:
            # A followed answer brings its text and its end itself, without its whole text again.
            if one["id"] not in followed and shown.messages.get(one["id"]) != _outline(one):
                self._show_message(snapshot, one)
        return {}

    def is_older(self, conversation_id: uuid.UUID, version: str) -> bool:
        """Say whether the page shows less than this version of a conversation."""
        shown = self.shown.get(conversation_id)
        if shown is None:
            return False
        return not version or shown.version < datetime.fromisoformat(version)

    def show_message(self, snapshot: Snapshot, message_id: uuid.UUID) -> None:
        """Show one message as its row has it."""
        for one in snapshot.messages:
            if one["id"] == str(message_id):
                self._show_message(snapshot, one)

    def begin_stream(self, conversation_id: uuid.UUID, writing: Writing, have: int | None) -> int | None:
        """Give an answer a number; return up to where the page has it, None when it is to be shown whole.

        The page had it up to `have` (0: nothing), and was just shown the row, which may be further. None says that
        what it has is not what it should have.
        """
        self._numbers += 1
        stream = Stream(
            number=self._numbers,
            generation_id=writing.generation_id,
            conversation_id=conversation_id,
            message_id=writing.message_id,
        )
        self.streams[writing.generation_id] = stream
        known = None if have is None else max(have, writing.sequence) or None
        if known is not None:
            self._put_stream(stream, sequence=known)
        return known

    def close(self, conversation_id: uuid.UUID) -> dict[uuid.UUID, int]:
        """Forget a conversation; return the generations to leave, and up to where the page was sent each."""
        self.shown.pop(conversation_id, None)
        return self._leave([one for one in self.streams.values() if one.conversation_id == conversation_id])

    def _leave(self, streams: list[Stream]) -> dict[uuid.UUID, int]:
        for one in streams:
            del self.streams[one.generation_id]
        return {one.generation_id: one.sequence for one in streams}

    def show(self, generation_id: uuid.UUID, entries: Sequence[Entry]) -> None:
        """Put new log entries of a stream in order; an end entry ends the stream."""
        stream = self.streams.get(generation_id)
        if stream is None:
            return
        # The row that the page was shown may be further than the reader of the log.
        text = [entry for entry in entries if entry.kind != "e" and entry.sequence > stream.sequence]
        self.frames.extend(frames.steps(stream.number, text, self.sight))
        stream.sequence = max(stream.sequence, entries[-1].sequence)
        if entries[-1].kind == "e":
            self._end(stream, entries[-1])

    def replace(self, generation_id: uuid.UUID, sequence: int, parts: list[Part]) -> None:
        """Put the whole answer so far in order."""
        stream = self.streams.get(generation_id)
        if stream is not None:
            self._put_stream(stream, sequence=sequence, parts=self.sight.parts(parts))

    def put_line(self, generation_id: uuid.UUID, place: Place | None) -> None:
        """Put in order where an answer is in line; None: it waits no more."""
        stream = self.streams.get(generation_id)
        if stream is not None:
            self.put(
                "line",
                conversation=str(stream.conversation_id),
                message=str(stream.message_id),
                generation=str(generation_id),
                **frames.place(place),
            )

    def _put_stream(self, stream: Stream, *, sequence: int, **facts: object) -> None:
        stream.sequence = sequence
        self.put(
            "stream",
            n=stream.number,
            conversation=str(stream.conversation_id),
            message=str(stream.message_id),
            generation=str(stream.generation_id),
            state=State.RUNNING,
            sequence=sequence,
            **facts,
        )

    def _end(self, stream: Stream, entry: Entry) -> None:
        facts = entry.facts()
        del self.streams[stream.generation_id]
        shown = self.shown.get(stream.conversation_id)
        known = shown.messages.get(str(stream.message_id)) if shown else None
        if shown is not None and known is not None:
            shown.messages[str(stream.message_id)] = {
                **known,
                "state": facts["state"],
                "sequence": entry.sequence,
            }
        self.put(
            "state",
            conversation=str(stream.conversation_id),
            message=str(stream.message_id),
            generation=str(stream.generation_id),
            sequence=entry.sequence,
            **facts,
        )

    def _show_message(self, snapshot: Snapshot, one: Mapping[str, Any]) -> None:
        self.shown[snapshot.conversation_id].messages[one["id"]] = _outline(one)
        self.put(
            "message",
            conversation=str(snapshot.conversation_id),
            message=one,
        )


def _outline(message: Mapping[str, Any]) -> dict[str, Any]:
    # While an answer is written its text comes as deltas; a change of its saved sequence is no news.
    active = _is_active(message)
    return {
        "state": "active" if active else str(message["state"]),
        "sequence": -1 if active else message["sequence"],
        "siblings": message["siblings"],
        "receipts": states_of(message["parts"]),
        # A prompt changes when a policy takes something out of it.
        "asked": hash(tuple(part["text"] for part in message["parts"])) if message["role"] == "user" else 0,
    }


def _is_active(message: Mapping[str, Any]) -> bool:
    return message["state"] in ACTIVE
