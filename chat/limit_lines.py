"""What somebody has left of their limits, as pages show it. No input or output here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from chat.limit_words import sentence_of, title_of
from inference.quotas.limit import Limit, Subject
from inference.quotas.remaining import Remaining

SAID_BY = {
    "platform": "The platform’s default.",
    "operator": "Set by the operator.",
    "organization": "Set by your organization.",
}
ORDER = (Subject.PERSON, Subject.GROUP_MEMBER, Subject.MEMBER, Subject.GROUP, Subject.ORGANIZATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A bar in hundredths of its width: what is used, what is reserved, and where the warning stands."""

    used: float
    reserved: float
    soft: float | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitLine:
    """One limit and how far it is used. Without a meter it bounds each request, and nothing is used up."""

    title: str
    sentence: str
    source: str
    state: str = "ok"
    used: int = 0
    reserved: int = 0
    left: int | None = None
    resets_at: datetime | None = None
    meter: Meter | None = None


def lines_of(found: Iterable[Remaining], you: str = "You") -> list[LimitLine]:
    """Return what is left of somebody's limits: their own first, then the pools. `you` is who they are."""
    ranked = sorted(found, key=lambda one: ORDER.index(Subject(one.limit.subject)))
    return [line_of(one, you) for one in ranked]


def line_of(one: Remaining, you: str = "You") -> LimitLine:
    """Return what is left of one limit as a line."""
    limit = one.limit
    return replace(
        cap_line(limit, you),
        state=one.state,
        used=one.used,
        reserved=one.reserved,
        left=one.left,
        resets_at=one.resets_at,
        meter=meter_of(one.used, one.reserved, limit.soft, limit.hard, one.state),
    )


def cap_line(limit: Limit, you: str = "You") -> LimitLine:
    """Return a limit as a line that says nothing of what is used, as of one that bounds each request."""
    whose = _whose(limit.subject, limit.label, you)
    return LimitLine(
        title=title_of(limit.measure, limit.period),
        sentence=sentence_of(whose, limit.measure, limit.period, limit.soft, limit.hard),
        source=SAID_BY[limit.source],
    )


def meter_of(used: int, reserved: int, soft: int | None, hard: int | None, state: str) -> Meter:
    """Return a bar. Without a hard limit its width is the warning, or what is used when that is more."""
    most = hard if hard is not None else max(soft or 0, used + reserved)
    shown = min(_share(used, most), 100.0)
    return Meter(
        used=shown,
        reserved=min(_share(reserved, most), 100.0 - shown),
        soft=_share(soft, most) if soft is not None and hard is not None and soft < hard else None,
        state=state,
    )


def _share(part: int, whole: int) -> float:
    if not whole:
        return 100.0 if part else 0.0
    return round(100 * part / whole, 2)


def _whose(subject: str, label: str, you: str) -> str:
    if subject == Subject.ORGANIZATION:
        return "Everybody here together"
    if subject == Subject.GROUP:
        return f"The {label[:1].lower()}{label[1:]} together"
    return you
