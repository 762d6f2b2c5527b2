"""Where an engine's text becomes an answer: through the gate, into typed parts, with the time it took."""

from __future__ import annotations

import time
from datetime import datetime

from django.utils import timezone

from chat.asking import Asking
from chat.worker.log_writer import LogWriter
from chat.worker.run import Run
from inference.events import Text, ToolCall
from inference.tokens import estimate
from moderation.gate import OpenGate

TOOL_CALL = "tool_call"


class Outlet:
    """One answer's way out. Times in seconds of the monotonic clock."""

    def __init__(self, run: Run, writer: LogWriter) -> None:
        self.first_token_at: datetime | None = None
        self.has_answered = False
        self._run = run
        self._writer = writer
        self._gate = OpenGate()
        self._channels = {"answer": "a", "reasoning": "r"}
        self._openings: dict[str, dict[str, object]] = {}
        self._thinking_since: float | None = None
        self._thought_seconds = 0.0
        self._earlier = next((part for part in run.transcript.parts() if part["type"] == "reasoning"), None)

    def expect(self, asking: Asking, budget: int | None) -> None:
        """Say what is to come: an answer in JSON, a thought with a budget."""
        if budget is not None:
            self._openings["r"] = {"type": "reasoning", "budget": budget}
        if asking.is_json:
            self._channels["answer"] = "j"
            self._openings["j"] = {"type": "json", "schema": asking.schema.name if asking.schema else ""}

    def put(self, event: Text | ToolCall) -> None:
        """Show what came."""
        if isinstance(event, ToolCall):
            self._call(event)
        else:
            self._release(self._channels[event.channel], self._gate.feed(event.channel, event.text))

    def close(self) -> None:
        """Show what the gate held back: nothing more will come."""
        for channel in ("reasoning", "answer"):
            self._release(self._channels[channel], self._gate.close(channel))

    def notice(self, code: str, text: str) -> None:
        """Tell the reader something about the answer, inside it."""
        self._run.notice(code, text)
        self._writer.touched(self._run)

    def rewrite(self, text: str) -> None:
        """Put another text in the place of the JSON that is shown."""
        place = self._run.transcript.last("json")
        if place is not None and self._run.transcript.grows("json"):
            self._run.retract(place, 0)
            self._run.release("j", self._gate.feed("answer", text) + self._gate.close("answer"))
            self._writer.touched(self._run)

    def annotate(self, tokens: int) -> None:
        """Write down how long and how much was thought, an earlier run of this answer included."""
        if self._thinking_since is not None:
            self._thought_seconds, self._thinking_since = time.monotonic() - self._thinking_since, None
        if not self._thought_seconds:
            return
        earlier = self._earlier or {}
        before = earlier.get("tokens") or estimate(earlier.get("text", ""))
        seconds = earlier.get("seconds", 0) + self._thought_seconds
        self._run.transcript.annotate("reasoning", seconds=round(seconds, 1), tokens=before + tokens)

    def _call(self, call: ToolCall) -> None:
        arguments = self._gate.feed(TOOL_CALL, call.arguments) + self._gate.close(TOOL_CALL)
        self._time(TOOL_CALL)
        self._run.add(
            {"type": TOOL_CALL, "id": call.id, "name": call.name, "text": arguments, "problem": call.problem}
        )
        self.has_answered = True
        self._writer.touched(self._run)

    def _release(self, channel: str, text: str) -> None:
        if not text:
            return
        self._time(channel)
        self.has_answered = self.has_answered or channel != "r"
        if opening := self._openings.pop(channel, None):
            self._open(opening)
        self._run.release(channel, text)
        self._writer.touched(self._run)

    def _open(self, part: dict[str, object]) -> None:
        if not self._run.transcript.grows(str(part["type"])):
            self._run.open(part)

    def _time(self, channel: str) -> None:
        if self.first_token_at is None:
            self.first_token_at = timezone.now()
            self._thinking_since = time.monotonic() if channel == "r" else None
        elif channel != "r" and self._thinking_since is not None:
            self._thought_seconds, self._thinking_since = time.monotonic() - self._thinking_since, None
