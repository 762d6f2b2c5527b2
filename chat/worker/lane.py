"""The way out of one text: read as it comes, by the version that is enforced and by the one that only watches."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from enum import Enum

from chat.coverage import Entry
from inference.events import ToolCall
from moderation.channel import Channel
from moderation.errors import GateFailed
from moderation.gate import Gate
from moderation.hit import Hit
from moderation.stream import ChannelStream, Step
from moderation.verdict import Verdict

log = logging.getLogger(__name__)


class Kind(Enum):
    """How a text is shown."""

    ANSWER = "text"
    REASONING = "reasoning"
    JSON = "json"
    NAME = "a tool's name"
    ARGUMENTS = "a tool's arguments"
    WHOLE = "a prompt, a title, a corrected answer"


GROWING = (Kind.ANSWER, Kind.REASONING, Kind.JSON)
"""These are shown as they come; the others when they are whole."""


class Lane:
    """`ready` may be shown, and waits for its turn. A text that nobody enforces anything on has no stream."""

    def __init__(
        self,
        channel: Channel,
        kind: Kind,
        stream: ChannelStream | None,
        watching: Gate | None,
        *,
        prior: int,
        waits: bool,
    ) -> None:
        self.channel = channel
        # How much of its channel was shown before it: offsets count from there.
        self.prior = prior
        self.kind = kind
        self.stream = stream
        self.ready = ""
        # A tool's call that is not shown yet.
        self.call: ToolCall | None = None
        self.part: int | None = None
        self.is_closed = False
        self.has_failed = False
        # Another text's verdict ended it.
        self.is_cut = False
        self.watcher_failed = False
        self.judge_ms = 0.0
        # Whether its text comes out only after a classifier's verdict.
        self._waits = waits
        self._watching = watching
        self._shown = 0
        self._retracted = 0
        self._seconds = 0.0

    def feed(self, text: str) -> Step:
        """Take text; raises GateFailed."""
        if self._watching is not None:
            self._watch(lambda gate: gate.feed(text))
        if self.stream is None:
            return Step(text=text)
        begun = time.perf_counter()
        try:
            return self.stream.feed(text)
        finally:
            self._seconds += time.perf_counter() - begun

    def close(self) -> Step:
        """Learn that no more text will come; raises GateFailed."""
        self.is_closed = True
        self._watch(lambda gate: gate.close())
        return self._timed(lambda stream: stream.close()) if self.stream else Step()

    def judge(self, window: int, scores: Mapping[str, float] | None) -> Step:
        """Take a classifier's scores, None where it failed; raises GateFailed."""
        return self._timed(lambda stream: stream.judge(window, scores))

    def abandon(self) -> Step:
        """End here; what was shown before its verdict is taken back."""
        self.is_closed = True
        return self._timed(lambda stream: stream.abandon()) if self.stream else Step()

    def take(self, step: Step) -> int:
        """Keep what a step releases; return how much of what is shown it takes back."""
        kept = max(len(self.ready) - step.retract, 0)
        back = step.retract - (len(self.ready) - kept)
        self.ready = self.ready[:kept] + step.text
        return back

    def show(self) -> str:
        """Return what is ready: it is shown now."""
        text, self.ready = self.ready, ""
        self._shown += len(text)
        return text

    def take_back(self, count: int, *, counted: bool = False) -> None:
        """Count what is not shown any more. `counted` says that the stream knows of it."""
        self._shown -= count
        self._retracted += 0 if counted else count

    @property
    def waiting(self) -> str:
        """What a reviewer is asked about: what is ready and not shown, and what the policy holds."""
        return self.ready + (self.stream.held if self.stream else "")

    @property
    def is_out(self) -> bool:
        """Say whether nothing more comes out of it."""
        return self.is_closed and not self.is_waiting

    @property
    def is_all_out(self) -> bool:
        """Say whether all that may pass has come out; a verdict that follows may still take some of it back."""
        return self.is_closed and not (self._waits and self.is_waiting)

    @property
    def is_shown(self) -> bool:
        """Say whether all that may pass has been shown too."""
        return self.is_all_out and not self.ready

    @property
    def is_waiting(self) -> bool:
        """Say whether a classifier has yet to say something."""
        return self.stream is not None and self.stream.is_waiting

    @property
    def is_over(self) -> bool:
        """Say whether the text was blocked, or could not be read."""
        return self.stream is not None and self.stream.is_over

    @property
    def verdict(self) -> Verdict:
        return self.stream.verdict if self.stream else Verdict.ALLOW

    @property
    def hits(self) -> Sequence[Hit]:
        return self.stream.hits if self.stream else ()

    @property
    def watched(self) -> Gate | None:
        """The version that only watches, as far as it could read."""
        return None if self.watcher_failed else self._watching

    def entry(self, epoch: int, *, is_held: bool) -> Entry:
        """Return what is written down of it (chat.coverage). Only for a text that has a stream."""
        assert self.stream is not None, "nothing is enforced on this text"
        told = {**self.stream.coverage(), "retracted": self._retracted, "dropped": 0}
        told["held" if is_held else "dropped"] += len(self.ready)
        return {
            **told,
            "channel": str(self.channel),
            "epoch": epoch,
            "released": self._shown,
            "us": round(self._seconds * 1e6),
            "judge_ms": round(self.judge_ms),
        }

    def _timed(self, act: Callable[[ChannelStream], Step]) -> Step:
        assert self.stream is not None, "nothing is enforced on this text"
        # Not the processor's time: asking for that costs more than the reading itself.
        begun = time.perf_counter()
        try:
            return act(self.stream)
        finally:
            self._seconds += time.perf_counter() - begun

    def _watch(self, act: Callable[[Gate], object]) -> None:
        if self._watching is None or self.watcher_failed or self._watching.is_over:
            return
        try:
            act(self._watching)
        except GateFailed as error:
            log.warning("The policy version that only watches failed: %s", error)
            self.watcher_failed = True
