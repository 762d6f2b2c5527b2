"""Where an engine's text becomes an answer: past the policy, into typed parts, with the time it took."""

from __future__ import annotations

import time

from django.utils import timezone

from chat.asking import Asking
from chat.coverage import Entry, joined
from chat.transcript import Part
from chat.worker.court import Court
from chat.worker.guard import OPEN, Guard
from chat.worker.lane import Kind, Lane
from chat.worker.log_writer import LogWriter
from chat.worker.run import Run
from inference.events import Text, ToolCall
from inference.tokens import estimate
from inference.tool_calls import UNKNOWN
from moderation.channel import Channel
from moderation.verdict import Verdict

CODES = {Kind.ANSWER: "a", Kind.REASONING: "r", Kind.JSON: "j"}


class Outlet:
    """One answer's way out: texts are shown in the order in which they came.

    Times in seconds of the monotonic clock.
    """

    def __init__(self, run: Run, writer: LogWriter) -> None:
        self.has_answered = False
        self._run = run
        self._writer = writer
        self._court = self._new_court(OPEN)
        self._answers = Kind.ANSWER
        self._openings: dict[Kind, Part] = {}
        self._thinking_since: float | None = None
        self._thought_seconds = 0.0
        self._earlier = next((part for part in run.transcript.parts() if part["type"] == "reasoning"), None)
        # The lane that grows.
        self._current: Lane | None = None

    @property
    def court(self) -> Court:
        return self._court

    def enforce(self, guard: Guard) -> None:
        """Say who reads what is to come."""
        self._court = self._new_court(guard)

    def expect(self, asking: Asking, budget: int | None) -> None:
        """Say what is to come: an answer in JSON, a thought with a budget. What another server began is forgotten."""
        self._court = self._new_court(self._court.guard)
        self._current = None
        if budget is not None:
            self._openings[Kind.REASONING] = {"type": "reasoning", "budget": budget}
        if asking.is_json:
            self._answers = Kind.JSON
            self._openings[Kind.JSON] = {"type": "json", "schema": asking.schema.name if asking.schema else ""}

    def turns_back(self, event: Text | ToolCall) -> bool:
        """Say whether a text goes on of which some is not shown yet: what is to come is read together with that."""
        if isinstance(event, ToolCall) or self._grows(kind := self._kind_of(event)):
            return False
        return any(lane.kind is kind and not lane.is_shown for lane in self._court.lanes)

    def put(self, event: Text | ToolCall) -> None:
        """Show what came, as far as it may be shown. Where it turns back, every verdict comes first."""
        if isinstance(event, ToolCall):
            self._call(event)
            return
        if not self._grows(kind := self._kind_of(event)):
            self._turn_to(kind)
        assert self._current is not None, "there is a lane for what came"
        self._court.feed(self._current, event.text)

    def close(self) -> None:
        """Show what was held back: nothing more will come."""
        if self._current is not None:
            self._court.close(self._current)

    def notice(self, code: str, text: str) -> None:
        """Tell the reader something about the answer, inside it."""
        self._run.notice(code, text)
        self._writer.touched(self._run)

    def tell(self, part: Part) -> None:
        """Show a part of the server's own."""
        self._run.open(part)
        self._writer.touched(self._run)

    def trim(self, text: str) -> None:
        """Keep only this part of the JSON that is shown."""
        if (place := self._json_place()) is not None:
            self._replace_json(place, text)

    async def rewrite(self, text: str) -> None:
        """Put another text in the place of the JSON that is shown, if it may be."""
        if (place := self._json_place()) is not None:
            lane = await self._court.read(Channel.ANSWER, text)
            if self._court.decided_by is None:
                self._replace_json(place, lane.show(), by=lane)

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

    def held_parts(self) -> list[Part]:
        """Return what waits for a reviewer, as it would be shown."""
        return [part for lane in self._court.lanes if (part := self._held_part(lane))]

    def coverage(self) -> list[Entry]:
        """Return what was read so far (chat.coverage), one entry for each channel."""
        epoch, is_held = self._run.epoch, self._court.is_held and not self._court.is_over
        return joined(lane.entry(epoch, is_held=is_held) for lane in self._court.lanes if lane.stream)

    def _new_court(self, guard: Guard) -> Court:
        return Court(guard, changed=self._show, taken_back=self._take_back, over=self._run.interrupt)

    # What comes in

    def _kind_of(self, text: Text) -> Kind:
        return Kind.REASONING if text.channel == "reasoning" else self._answers

    def _grows(self, kind: Kind) -> bool:
        return self._current is not None and self._current.kind is kind

    def _turn_to(self, kind: Kind) -> None:
        # What a text held back comes before the text after it.
        self.close()
        channel = Channel.REASONING if kind is Kind.REASONING else Channel.ANSWER
        prior = self._run.transcript.text(kind.value) if self._court.guard.mandate else ""
        self._current = self._court.open(channel, kind, prior)

    def _call(self, call: ToolCall) -> None:
        self.close()
        # A model may make a name up.
        for kind, text in ((Kind.NAME, call.name), (Kind.ARGUMENTS, call.arguments)):
            self._current = self._court.open(Channel.TOOL_CALL, kind)
            if kind is Kind.ARGUMENTS:
                self._current.call = call
            self._court.feed(self._current, text)
            self.close()

    # What goes out

    def _show(self) -> None:
        """Show what may be shown now, each text in its turn."""
        ended_by = self._court.ended_by
        for place, lane in enumerate(self._court.lanes):
            if ended_by is None or lane is ended_by:
                self._show_of(place, lane)
            if not lane.is_all_out or lane.verdict >= Verdict.HOLD or lane.is_over:
                return

    def _show_of(self, place: int, lane: Lane) -> None:
        if lane.kind in CODES:
            self._release(lane)
        elif lane.call is not None and lane.is_out and lane.verdict < Verdict.HOLD and not lane.is_over:
            call, lane.call = lane.call, None
            name, arguments = self._court.lanes[place - 1].show(), lane.show()
            self._time(Kind.ARGUMENTS)
            self._run.add(call_part(call, name, arguments))
            self.has_answered = True
            self._writer.touched(self._run)

    def _release(self, lane: Lane) -> None:
        text = lane.show()
        if not text:
            return
        transcript, kind = self._run.transcript, lane.kind
        self._time(kind)
        self.has_answered = self.has_answered or kind is not Kind.REASONING
        if opening := self._openings.pop(kind, None):
            self._open(opening)
        if lane.part is None or lane.part == transcript.last_place:
            self._run.release(CODES[kind], text)
            lane.part = transcript.last_place
        else:
            self._run.amend(lane.part, add=text)
        self._writer.touched(self._run)

    def _open(self, part: Part) -> None:
        if not self._run.transcript.grows(str(part["type"])):
            self._run.open(part)

    def _take_back(self, lane: Lane, count: int) -> None:
        """Take back the last characters that are shown of a channel."""
        for place, part in reversed(list(enumerate(self._run.transcript.parts()))):
            if part["type"] == lane.kind.value and count:
                cut = min(count, len(part["text"]))
                self._run.amend(place, keep=len(part["text"]) - cut)
                count -= cut
        self._writer.touched(self._run)

    def _json_place(self) -> int | None:
        place = self._run.transcript.last("json")
        return place if place == self._run.transcript.last_place else None

    def _replace_json(self, place: int, text: str, *, by: Lane | None = None) -> None:
        """`by` is the lane of a new text; without one it is a part of what is shown."""
        shown = len(self._run.transcript.text("json"))
        lanes = (one for one in reversed(self._court.lanes) if one.channel is Channel.ANSWER and one is not by)
        earlier = next(lanes, None) or self._court.open(Channel.ANSWER, Kind.WHOLE)
        earlier.take_back(shown if by else shown - len(text))
        self._run.retract(place, 0)
        self._run.release("j", text)
        self._writer.touched(self._run)

    def _held_part(self, lane: Lane) -> Part | None:
        if lane.kind in CODES and (text := lane.waiting):
            return {**self._openings.get(lane.kind, {}), "type": lane.kind.value, "text": text}
        if lane.kind is Kind.WHOLE and (text := lane.waiting):
            # A corrected answer does not go on with the wrong one.
            return {"type": "text", "text": text}
        if lane.call is None:
            return None
        name = self._court.lanes[self._court.lanes.index(lane) - 1].waiting
        return call_part(lane.call, name, lane.waiting)

    def _time(self, kind: Kind) -> None:
        if self._run.first_token_at is None:
            self._run.first_token_at = timezone.now()
            self._thinking_since = time.monotonic() if kind is Kind.REASONING else None
        elif kind is not Kind.REASONING and self._thinking_since is not None:
            self._thought_seconds, self._thinking_since = time.monotonic() - self._thinking_since, None


def call_part(call: ToolCall, name: str, arguments: str) -> Part:
    """Return a call as it is shown."""
    # What is wrong with a call may name it.
    problem = call.problem if name == call.name else UNKNOWN.format(name=name)
    return {"type": "tool_call", "id": call.id, "name": name, "text": arguments, "problem": problem}
