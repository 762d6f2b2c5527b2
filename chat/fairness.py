"""Who is next when more people wait than there are places: first by organization, then by member, then by arrival.

Start-time fair queueing. Each organization, and each member in it, has a share: the tokens it was served while others
waited, divided by its weight. Who has the least is next, and is charged what its answers usually cost; what an answer
really cost puts that right when it has ended. Who comes back after a pause begins where the least of those who wait
is: a pause saves no credit. Where nobody waited before, all begin alike. No clock and no database in here.
"""

from __future__ import annotations

import uuid
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heapify, heappop, heappush

Holder = tuple[uuid.UUID, uuid.UUID | None]
"""An organization, or with a person a member of it."""

# What an answer is taken to cost, in tokens, where none of the organization's has ended yet.
EXPECTED = 500.0
# How much of what an organization's answers usually cost is the newest one.
NEWEST = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An answer that nobody has begun."""

    generation_id: uuid.UUID
    organization_id: uuid.UUID
    user_id: uuid.UUID
    queued_at: datetime


@dataclass(slots=True, kw_only=True)
class Share:
    """What a holder was served, what one of its answers usually costs, and how many are `running` now.

    `pending` is what those that run were charged: it is in `served` already. It waited already when it was last
    looked at if its oldest prompt is not younger than `seen_until`.
    """

    weight: int = 1
    served: float = 0.0
    typical: float | None = None
    seen_until: datetime | None = None
    running: int = 0
    pending: float = 0.0
    is_changed: bool = False

    @property
    def settled(self) -> float:
        """Return what it was served for certain."""
        return self.served - self.pending / self.weight

    def charge(self, tokens: float) -> None:
        """Serve it so many tokens."""
        self.served += tokens / self.weight
        self.is_changed = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Who is next, and the tokens that its shares were charged."""

    waiting: Waiting
    charged: int


Shares = MutableMapping[Holder, Share]
Entry = tuple[float, float, datetime, str, Holder]


def fair_order(queue: Iterable[Waiting], shares: Shares) -> Iterator[Turn]:
    """Yield those who wait, the next one first, and charge each one's shares when it is yielded.

    Shares that are missing are made. Of a holder the queue must hold one more than are taken, where there are more.
    """
    line = _Line(shares)
    for one in sorted(queue, key=lambda one: (one.queued_at, str(one.generation_id))):
        line.add(one)
    line.begin()
    while line.organizations:
        yield line.take()


def correct(organization: Share, member: Share, *, charged: float, used: float) -> None:
    """Put right what an answer was charged, now that it has ended."""
    organization.charge(used - charged)
    member.charge(used - charged)
    known = used if organization.typical is None else organization.typical
    organization.typical = known + NEWEST * (used - known)


@dataclass(slots=True)
class _Line:
    shares: Shares
    organizations: list[Entry] = field(default_factory=list)
    _members: dict[uuid.UUID, list[Entry]] = field(default_factory=dict)
    _waiting: dict[Holder, deque[Waiting]] = field(default_factory=lambda: defaultdict(deque))
    # The first and the last arrival of each holder.
    _spans: dict[Holder, tuple[datetime, datetime]] = field(default_factory=dict)

    def add(self, one: Waiting) -> None:
        """Put one more at the end of its member's line."""
        member = (one.organization_id, one.user_id)
        self._waiting[member].append(one)
        for holder in ((one.organization_id, None), member):
            first, _ = self._spans.get(holder, (one.queued_at, one.queued_at))
            self._spans[holder] = (first, one.queued_at)
            if holder not in self.shares:
                self.shares[holder] = Share()

    def begin(self) -> None:
        """Have those who come back begin where the others are, and put everybody in order."""
        organizations = {organization_id for organization_id, _ in self._waiting}
        self._welcome([(one, None) for one in organizations])
        for organization_id in organizations:
            mine = [holder for holder in self._waiting if holder[0] == organization_id]
            self._welcome(mine)
            self._members[organization_id] = [self._entry(one, self._waiting[one][0]) for one in mine]
            heapify(self._members[organization_id])
        self.organizations = [self._organization(one) for one in organizations]
        heapify(self.organizations)

    def _welcome(self, holders: list[Holder]) -> None:
        # What runs was charged by a guess: who comes back does not pay for a bad one.
        known = [self.shares[one].settled for one in holders if not self._is_new(one)]
        floor = min(known) if known else max(self.shares[one].settled for one in holders)
        for one in holders:
            if self._is_new(one):
                share = self.shares[one]
                share.served = max(share.served, floor)
                self._see(one)

    def _is_new(self, holder: Holder) -> bool:
        seen_until = self.shares[holder].seen_until
        return seen_until is None or self._spans[holder][0] > seen_until

    def _see(self, holder: Holder) -> None:
        share = self.shares[holder]
        share.seen_until, share.is_changed = self._spans[holder][1], True

    def take(self) -> Turn:
        """Take the next one out."""
        *_, (organization_id, _) = heappop(self.organizations)
        members = self._members[organization_id]
        *_, member = heappop(members)
        waiting = self._waiting[member].popleft()
        cost = max(1, round(self.shares[organization_id, None].typical or EXPECTED))
        for holder in ((organization_id, None), member):
            self.shares[holder].charge(cost)
            self.shares[holder].running += 1
            self.shares[holder].pending += cost
            self._see(holder)
        if self._waiting[member]:
            heappush(members, self._entry(member, self._waiting[member][0]))
        if members:
            heappush(self.organizations, self._organization(organization_id))
        return Turn(waiting=waiting, charged=cost)

    def _organization(self, organization_id: uuid.UUID) -> Entry:
        *_, next_member = self._members[organization_id][0]
        return self._entry((organization_id, None), self._waiting[next_member][0])

    def _entry(self, holder: Holder, first: Waiting) -> Entry:
        share = self.shares[holder]
        # Among equals, who has the fewest running, then who came first.
        return (share.served, share.running / share.weight, first.queued_at, str(first.generation_id), holder)
