"""A busy engine of a few slots in simulated time: who waits is taken as the workers take them."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import islice

from chat.fairness import Share, Shares, Turn, Waiting, correct, fair_order

NEVER = float("inf")
BEGUN = datetime(2026, 11, 21, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Somebody asks at a second for so many tokens; an engine writes a hundred tokens a second."""

    at: float
    organization_id: uuid.UUID
    user_id: uuid.UUID
    tokens: int
    id: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def seconds(self) -> float:
        return self.tokens / 100

    def waiting(self) -> Waiting:
        return Waiting(
            generation_id=self.id,
            organization_id=self.organization_id,
            user_id=self.user_id,
            queued_at=BEGUN + timedelta(seconds=self.at),
        )


class World:
    """`begun` and `ended` are when each answer was; they are known for those that have got so far."""

    def __init__(self, slots: int, weights: dict[uuid.UUID, int] | None = None) -> None:
        self.slots = slots
        self.shares: Shares = {(one, None): Share(weight=weight) for one, weight in (weights or {}).items()}
        self.queue: dict[uuid.UUID, deque[Asked]] = defaultdict(deque)
        self.begun: dict[uuid.UUID, float] = {}
        self.ended: dict[uuid.UUID, float] = {}
        self.order: list[Asked] = []
        self.running: list[tuple[float, str, Asked, int]] = []

    def run(self, asked: Iterable[Asked], until: float = NEVER) -> None:
        """Let people ask, and the engine answer, for so long or until all is answered."""
        coming = deque(sorted(asked, key=lambda one: (one.at, str(one.id))))
        while coming or self.running:
            now = min(*([coming[0].at] if coming else []), *(one[0] for one in self.running[:1]), NEVER)
            if now > until:
                return
            while self.running and self.running[0][0] <= now:
                self._end(*heappop(self.running))
            while coming and coming[0].at <= now:
                one = coming.popleft()
                self.queue[one.user_id].append(one)
            self._take(now)

    def _take(self, now: float) -> None:
        free = self.slots - len(self.running)
        # As the workers look: of each person one more than can be taken.
        waiting = [one.waiting() for line in self.queue.values() for one in islice(line, free + 1)]
        if len(waiting) <= free:
            turns = [Turn(waiting=one, charged=0) for one in waiting]
        else:
            turns = list(islice(fair_order(waiting, self._with_running()), free))
        for turn in turns:
            one = self.queue[turn.waiting.user_id].popleft()
            self.begun[one.id] = now
            self.order.append(one)
            heappush(self.running, (now + one.seconds, str(one.id), one, turn.charged))

    def _with_running(self) -> Shares:
        for share in self.shares.values():
            share.running, share.pending = 0, 0.0
        for *_, one, charged in self.running:
            for holder in ((one.organization_id, None), (one.organization_id, one.user_id)):
                share = self.shares.setdefault(holder, Share())
                share.running, share.pending = share.running + 1, share.pending + charged
        return self.shares

    def _end(self, now: float, _: str, one: Asked, charged: int) -> None:
        self.ended[one.id] = now
        if charged:
            organization, member = (one.organization_id, None), (one.organization_id, one.user_id)
            correct(self.shares[organization], self.shares[member], charged=charged, used=one.tokens)

    def tokens(self, at: float, by: str) -> Counter[uuid.UUID]:
        """Return the tokens that were written until a second, by "organization_id" or "user_id"."""
        written: Counter[uuid.UUID] = Counter()
        for one in self.order:
            share = min(1.0, max(0.0, at - self.begun[one.id]) / one.seconds)
            written[getattr(one, by)] += round(one.tokens * share)
        return written
