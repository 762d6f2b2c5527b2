"""What each member has used and has left, as a table that is searched, sorted and turned over. No input or output."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from accounts.models import Membership
from chat.limit_lines import Meter, meter_of
from chat.limit_words import title_of
from console.quota_lines import state_of
from console.quota_usage import Usage
from inference.quotas.limit import SHARED, Limit
from inference.quotas.measure import Measure
from inference.quotas.period import window_of

NEAREST = "nearest"


class Order(StrEnum):
    """How the table is sorted."""

    SHARE = "share"
    NAME = "name"
    USED = "used"
    LEFT = "left"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """A member, the limit that is shown of theirs, and how far it is used. Without a limit nothing is refused."""

    member: Membership
    this_month: int
    limit: Limit | None = None
    title: str = ""
    used: int = 0
    reserved: int = 0
    left: int | None = None
    share: float = 0.0
    state: str = "ok"
    meter: Meter | None = None
    resets_at: datetime | None = None

    @property
    def most(self) -> int | None:
        """Where it stops, or else where it warns."""
        return None if self.limit is None else self.limit.hard or self.limit.soft


def person_lines(
    members: Iterable[Membership],
    limits: Mapping[int, tuple[Limit, ...]],
    usage: Usage,
    shown: str,
    now: datetime,
) -> list[PersonLine]:
    """Return a line for each member, about the limit of the kind `shown`, or the one nearest its end."""
    return [_line(one, limits.get(one.id, ()), usage, shown, now) for one in members]


def kinds_of(limits: Iterable[tuple[Limit, ...]]) -> list[tuple[str, str]]:
    """Return the kinds of limits that members have: how an address names each, and its title."""
    kinds = {(one.measure, one.period) for own in limits for one in own if _shows(one)}
    titled = [(f"{measure}:{period}", title_of(measure, period)) for measure, period in kinds]
    return sorted(titled, key=lambda one: one[1])


def in_order(lines: Iterable[PersonLine], order: Order, *, downwards: bool) -> list[PersonLine]:
    """Return the lines sorted; equal ones by name."""
    named = sorted(lines, key=lambda one: str(one.member.user).lower())
    return sorted(named, key=KEYS[order], reverse=downwards)


KEYS: Mapping[Order, Callable[[PersonLine], float | str]] = {
    Order.SHARE: lambda one: one.share if one.limit else -1.0,
    Order.NAME: lambda one: str(one.member.user).lower(),
    Order.USED: lambda one: one.used if one.limit else -1,
    Order.LEFT: lambda one: float("inf") if one.left is None else one.left,
    Order.MONTH: lambda one: one.this_month,
}


def _line(member: Membership, limits: Sequence[Limit], usage: Usage, shown: str, now: datetime) -> PersonLine:
    own = [one for one in limits if _shows(one)]
    if shown != NEAREST:
        own = [one for one in own if f"{one.measure}:{one.period}" == shown]
    lines = [_about(member, one, usage, now) for one in own]
    nothing = PersonLine(member=member, this_month=usage.this_month(member.user_id).tokens)
    return max(lines, key=lambda one: one.share, default=nothing)


def _about(member: Membership, limit: Limit, usage: Usage, now: datetime) -> PersonLine:
    used, reserved = usage.of(limit.owner, limit.owner_id, limit.measure, limit.period)
    taken, most = used + reserved, limit.hard or limit.soft or 0
    state = state_of(taken, limit.soft, limit.hard)
    return PersonLine(
        member=member,
        this_month=usage.this_month(member.user_id).tokens,
        limit=limit,
        title=title_of(limit.measure, limit.period),
        used=used,
        reserved=reserved,
        left=None if limit.hard is None else max(0, limit.hard - taken),
        share=taken / most if most else 0.0,
        state=state,
        meter=meter_of(used, reserved, limit.soft, limit.hard, state),
        resets_at=None if limit.measure == Measure.RUNNING else window_of(limit.period, now)[1],
    )


def _shows(limit: Limit) -> bool:
    return limit.is_counted and limit.subject not in SHARED
