"""What a page knows, folded from frames: a naive model of the page's script, written apart from it.

It is strict where the script is lenient: a frame about a message that is not shown, or one that says that the
page has what it has not, is a mistake.
"""

from __future__ import annotations

import json
import re
from typing import Any

Frame = dict[str, Any]
DELTA = re.compile(r"(\d+)([ ~#])(\d+) (.*)", re.DOTALL)
KINDS = {" ": "text", "~": "reasoning", "#": "json"}


class Reader:
    """`parts`, `states` and `sequences` hold what is shown of each message."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.parts: dict[str, list[Frame]] = {}
        self.states: dict[str, str] = {}
        self.sequences: dict[str, int] = {}
        self.generations: dict[str, str] = {}
        self._places: dict[str, str] = {}
        self._numbers: dict[int, str] = {}

    def text(self, answer: str, kind: str = "text") -> str:
        """Return what the page shows of an answer."""
        return "".join(part["text"] for part in self.parts.get(answer, []) if part["type"] == kind)

    def have(self) -> dict[str, int]:
        """Return how far each answer is known, as `open` says it."""
        return {self.generations[one]: at for one, at in self.sequences.items() if one in self.generations and at}

    def lose_connection(self) -> None:
        """Forget what belongs to a connection: stream numbers, and frames that were looked for."""
        self._numbers.clear()
        self.frames.clear()

    def fold(self, text: str) -> None:
        """Take one frame in."""
        if not text.startswith("{"):
            self._delta(text)
            return
        frame = json.loads(text)
        self.frames.append(frame)
        match frame["type"]:
            case "conversation":
                self._conversation(frame)
            case "message":
                self._message(frame["message"], frame["conversation"])
            case "stream":
                self._stream(frame)
            case "state":
                self._state(frame)
            case "retract":
                self._retract(frame)

    def _conversation(self, frame: Frame) -> None:
        if frame["conversation"] is None:
            return
        place, shown = frame["conversation"]["id"], {message["id"] for message in frame["messages"]}
        for key in [key for key, its in self._places.items() if its == place and key not in shown]:
            for known in (self.parts, self.states, self.sequences, self.generations, self._places):
                known.pop(key, None)
        for message in frame["messages"]:
            self._message(message, place)

    def _message(self, message: Frame, place: str) -> None:
        key, active = message["id"], message["state"] in ("queued", "running")
        self._places[key] = place
        self.states[key] = message["state"]
        if message["generation"]:
            self.generations[key] = message["generation"]
        # The row of an unfinished answer may be older than what was shown.
        if not active or message["sequence"] >= self.sequences.get(key, 0):
            self.parts[key] = [dict(part) for part in message["parts"]]
            self.sequences[key] = message["sequence"]

    def _stream(self, frame: Frame) -> None:
        key = frame["message"]
        assert key in self.parts, "a stream of a message that is not shown"
        self._numbers[frame["n"]] = key
        self.generations[key] = frame["generation"]
        if "parts" in frame:
            self.parts[key] = [dict(part) for part in frame["parts"]]
            self.sequences[key] = frame["sequence"]
        assert frame["sequence"] == self.sequences[key], "the page is said to have what it has not"

    def _state(self, frame: Frame) -> None:
        key = frame["message"]
        assert key in self.parts, "the end of a message that is not shown"
        self.states[key] = frame["state"]
        self.sequences[key] = frame["sequence"]
        for kind in ("reasoning", "json"):
            first = next((part for part in self.parts[key] if part["type"] == kind), {})
            first.update(frame.get(kind, {}))

    def _retract(self, frame: Frame) -> None:
        key = self._numbers[frame["n"]]
        part = self.parts[key][frame["part"]]
        part["text"] = part["text"][: frame["keep"]]
        self.sequences[key] = frame["sequence"]

    def _delta(self, text: str) -> None:
        number, mark, digits, words = DELTA.fullmatch(text).groups()  # type: ignore[union-attr]
        kind, key, sequence = KINDS[mark], self._numbers[int(number)], int(digits)
        assert sequence > self.sequences[key], "a delta came twice"
        parts = self.parts[key]
        if not parts or parts[-1]["type"] != kind:
            # What was thought but may not be seen comes as deltas without text.
            hidden = {"hidden": True} if kind == "reasoning" and not words else {}
            parts.append({"type": kind, "text": "", **hidden})
        parts[-1]["text"] += words
        self.sequences[key] = sequence
