"""Exemptions as the console lists them. No input or output here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from console.rule_titles import Titles
from moderation.models import Exemption

SOON = timedelta(days=2)


class State(StrEnum):
    """How an exemption stands today."""

    LIVE = "live"
    COMING = "coming"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExemptionLine:
    """`ends_soon` says that somebody may want to grant it again."""

    exemption: Exemption
    state: State
    whom: str
    what: str
    ends_soon: bool = False


def lines_of(exemptions: Iterable[Exemption], titles: Titles, now: datetime) -> list[ExemptionLine]:
    """Return exemptions as lines: of those that hold and come the next to end first, of the others the last."""
    lines = [_line(one, titles, now) for one in exemptions]
    lines.sort(key=lambda one: one.exemption.ends_at, reverse=True)
    ended = [one for one in lines if one.state == State.ENDED]
    return [*(one for one in reversed(lines) if one.state != State.ENDED), *ended]


def _line(exemption: Exemption, titles: Titles, now: datetime) -> ExemptionLine:
    state = _state(exemption, now)
    about = f"everything about {titles.category(exemption.category)}" if exemption.category else ""
    return ExemptionLine(
        exemption=exemption,
        state=state,
        whom=f"the group {exemption.group}" if exemption.group else str(exemption.user),
        what=about or f"the rule “{titles.rule(exemption.rule)}”",
        ends_soon=state == State.LIVE and exemption.ends_at - now < SOON,
    )


def _state(exemption: Exemption, now: datetime) -> State:
    if exemption.revoked_at or exemption.ends_at <= now:
        return State.ENDED
    return State.LIVE if exemption.starts_at <= now else State.COMING
