"""What a page knows, folded from frames: a naive model of the page's script, written apart from it."""

from __future__ import annotations

import json
import re
from typing import Any

Frame = dict[str, Any]
DELTA = re.compile(r"(\d+)([ ~])(\d+) (.*)", re.DOTALL)


class Reader:
    """`parts`, `states` and `sequences` hold what is shown of each message."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.parts: dict[str, list[Frame]] = {}
        self.states: dict[str, str] = {}
        self.sequences: dict[str, int] = {}
        self.generations: dict[str, str] = {}
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
                for message in frame["messages"]:
                    self._message(message)
            case "message":
                self._message(frame["message"])
            case "stream":
                self._stream(frame)
            case "state":
                self._state(frame)
            case "retract":
                self._retract(frame)

    def _message(self, message: Frame) -> None:
        key, active = message["id"], message["state"] in ("queued", "running")
        self.states[key] = message["state"]
        if message["generation"]:
            self.generations[key] = message["generation"]
        # The row of an unfinished answer may be older than what was shown.
        if not active or message["sequence"] >= self.sequences.get(key, 0):
            self.parts[key] = [dict(part) for part in message["parts"]]
            self.sequences[key] = message["sequence"]

    def _stream(self, frame: Frame) -> None:
        self._numbers[frame["n"]] = frame["message"]
        self.generations[frame["message"]] = frame["generation"]
        if "parts" in frame:
            self.parts[frame["message"]] = [dict(part) for part in frame["parts"]]
            self.sequences[frame["message"]] = frame["sequence"]

    def _state(self, frame: Frame) -> None:
        key = frame["message"]
        self.states[key] = frame["state"]
        self.sequences[key] = frame["sequence"]
        for part in self.parts.get(key, []):
            if part["type"] == "reasoning":
                part.update(frame.get("reasoning", {}))
                break

    def _retract(self, frame: Frame) -> None:
        key = self._numbers[frame["n"]]
        part = self.parts[key][frame["part"]]
        part["text"] = part["text"][: frame["keep"]]
        self.sequences[key] = frame["sequence"]

    def _delta(self, text: str) -> None:
        number, mark, digits, words = DELTA.fullmatch(text).groups()  # type: ignore[union-attr]
        kind, key, sequence = "reasoning" if mark == "~" else "text", self._numbers[int(number)], int(digits)
        assert sequence > self.sequences[key], "a delta came twice"
        parts = self.parts[key]
        if not parts or parts[-1]["type"] != kind:
            parts.append({"type": kind, "text": ""})
        parts[-1]["text"] += words
        self.sequences[key] = sequence
