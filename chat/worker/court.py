"""The texts of one answer, or of one prompt, before the policy: who reads them, who is asked, what was decided."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from chat.worker.guard import Guard
from chat.worker.lane import Kind, Lane
from moderation.channel import Channel
from moderation.errors import GateFailed, JudgeFailed
from moderation.stream import Step, Window
from moderation.verdict import Verdict

log = logging.getLogger(__name__)

# How much of a long text is read before other answers have their turn, in characters.
SLICE = 4096


class Court:
    """`changed` is called when a lane has text that may be shown, `taken_back` when some that is shown may not be.

    `over` is called when a classifier's verdict ends all of it: nothing more of any of the texts comes out.
    """

    def __init__(
        self,
        guard: Guard,
        *,
        changed: Callable[[], None] = lambda: None,
        taken_back: Callable[[Lane, int], None] = lambda lane, count: None,
        over: Callable[[], None] = lambda: None,
    ) -> None:
        self.lanes: list[Lane] = []
        self.ended_by: Lane | None = None
        self.held_by: Lane | None = None
        self._guard = guard
        self._changed = changed
        self._taken_back = taken_back
        self._over = over
        self._asked: set[asyncio.Task[None]] = set()

    @property
    def guard(self) -> Guard:
        return self._guard

    @property
    def is_over(self) -> bool:
        """Whether a text was blocked, or could not be read."""
        return self.ended_by is not None

    @property
    def is_held(self) -> bool:
        """Whether what comes waits for a reviewer."""
        return self.held_by is not None

    @property
    def decided_by(self) -> Lane | None:
        """The text for which the answer does not go on as it came."""
        return self.ended_by or self.held_by

    @property
    def verdict(self) -> Verdict:
        """What was decided about all of it; what could not be read is blocked."""
        if self.is_over:
            return Verdict.BLOCK
        return max((lane.verdict for lane in self.lanes), default=Verdict.ALLOW)

    def open(self, channel: Channel, kind: Kind, prior: str = "") -> Lane:
        """Begin a text. `prior` is what was shown of its channel before."""
        lane = self._guard.lane(channel, kind, prior)
        self.lanes.append(lane)
        return lane

    def feed(self, lane: Lane, text: str) -> None:
        """Take more of a text."""
        if not self.is_over:
            self._do(lane, lambda: lane.feed(text))

    def close(self, lane: Lane) -> None:
        """Learn that a text has ended."""
        if not self.is_over and not lane.is_closed:
            self._do(lane, lane.close)

    async def read(self, channel: Channel, text: str) -> Lane:
        """Take a whole text, and wait for every verdict about it. Other answers go on meanwhile."""
        lane = self.open(channel, Kind.WHOLE)
        for at in range(0, len(text), SLICE):
            self.feed(lane, text[at : at + SLICE])
            await asyncio.sleep(0)
        self.close(lane)
        await self.judged()
        return lane

    async def judged(self, patience: float | None = None) -> None:
        """Wait until no verdict is missing, each has a time of its own, or as many seconds as there is patience.

        What was not judged by then does not pass.
        """
        try:
            async with asyncio.timeout(patience):
                await self._all_judged()
        except TimeoutError:
            self.give_up()

    def give_up(self) -> None:
        """Ask nobody any more. What was not judged is taken back, or never shown."""
        for task in self._asked:
            task.cancel()
        for lane in self.lanes:
            if lane.is_waiting:
                lane.is_cut = True
                self._apply(lane, lane.abandon())
        self._changed()

    async def _all_judged(self) -> None:
        while self._asked:
            done, _ = await asyncio.wait(self._asked)
            self._asked -= done
            for task in done:
                if not task.cancelled():
                    task.result()

    def _do(self, lane: Lane, act: Callable[[], Step]) -> None:
        try:
            self._apply(lane, act())
        except GateFailed as error:
            log.error("A text could not be read, nothing more of it passes: %r", error)
            lane.has_failed = True
            self._apply(lane, lane.abandon())
        self._decide(lane)

    def _decide(self, lane: Lane) -> None:
        if lane.is_over and not self.is_over:
            self._end(lane)
        elif lane.verdict is Verdict.HOLD:
            self.held_by = self.held_by or lane
        self._changed()

    def _end(self, lane: Lane) -> None:
        self.ended_by = lane
        for other in self.lanes:
            if other is not lane and not other.is_out:
                other.is_cut = True
                self._apply(other, other.abandon())

    def _apply(self, lane: Lane, step: Step) -> None:
        back = lane.take(step)
        if back:
            lane.take_back(back, counted=True)
            self._taken_back(lane, back)
        for window in step.windows:
            task = asyncio.create_task(self._ask(lane, window))
            self._asked.add(task)
            task.add_done_callback(self._forget)

    async def _ask(self, lane: Lane, window: Window) -> None:
        judge, begun = self._guard.judge, time.monotonic()
        assert judge is not None, "a policy comes with somebody who judges"
        try:
            async with asyncio.timeout(window.budget_ms / 1000):
                scores = await judge.scores(self._guard.policy, lane.channel, window)
        except (JudgeFailed, TimeoutError) as error:
            log.warning("A classifier gave no verdict: %r", error)
            scores = None
        lane.judge_ms += (time.monotonic() - begun) * 1000
        if not lane.is_cut:
            self._do(lane, lambda: lane.judge(window.number, scores))
        if self.is_over:
            self._over()

    def _forget(self, task: asyncio.Task[None]) -> None:
        # A mistake of ours is kept for who waits.
        if task.cancelled() or task.exception() is None:
            self._asked.discard(task)
