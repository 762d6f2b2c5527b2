"""Requests to read a conversation, as the console lists them. No input or output here."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from chat.break_glass import ANSWERED_WITHIN
from chat.models import BreakGlass

State = BreakGlass.State


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassLine:
    """`standing` is "waiting", "open" or "past"; `words` say how it stands."""

    glass: BreakGlass
    standing: str
    words: str
    can_answer: bool
    can_read: bool
    can_close: bool


def line_of(glass: BreakGlass, viewer: uuid.UUID, now: datetime) -> GlassLine:
    """Return a request as one of those who may answer it sees it."""
    standing, words = _standing(glass, now)
    is_mine, is_about = glass.requested_by_id == viewer, glass.member_id == viewer
    is_waiting, is_open = standing == "waiting", standing == "open"
    return GlassLine(
        glass=glass,
        standing=standing,
        words=words,
        can_answer=is_waiting and not is_mine and not is_about,
        can_read=is_open and is_mine and glass.conversation_id is not None,
        can_close=(is_open and not is_about) or (is_waiting and is_mine),
    )


def _standing(glass: BreakGlass, now: datetime) -> tuple[str, str]:
    match State(glass.state):
        case State.REQUESTED:
            is_old = glass.created_at + ANSWERED_WITHIN <= now or glass.conversation_id is None
            return ("past", "Nobody answered") if is_old else ("waiting", "Waits for a second person")
        case State.OPEN:
            is_over = glass.ends_at is None or glass.ends_at <= now
            return ("past", "Time is over") if is_over else ("open", "Open")
        case State.REFUSED:
            return "past", "Refused"
        case State.CLOSED:
            return "past", "Closed" if glass.opened_at else "Withdrawn"
