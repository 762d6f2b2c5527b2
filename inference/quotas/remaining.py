"""What is left of each limit that holds for a person."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from inference.quotas.limit import Limit
from inference.quotas.limits import limits_for
from inference.quotas.windows import Window, windows_of

State = Literal["ok", "soft", "hard"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """`left` is None where nothing is refused; `resets_at` where the count empties by itself."""

    limit: Limit
    used: int
    reserved: int
    left: int | None
    resets_at: datetime | None
    state: State


def remaining_of(organization_id: uuid.UUID, user_id: uuid.UUID | None, now: datetime) -> list[Remaining]:
    """Return what is left of the limits that count; without a user, of the organization's pool."""
    return remaining_in(organization_id, limits_for(organization_id, user_id), now)


def remaining_in(organization_id: uuid.UUID, limits: Sequence[Limit], now: datetime) -> list[Remaining]:
    """Return the same of limits that were read already."""
    return [_remaining(one) for one in windows_of(organization_id, limits, now)]


def _remaining(window: Window) -> Remaining:
    limit = window.limit
    return Remaining(
        limit=limit,
        used=window.used,
        reserved=window.reserved,
        left=None if limit.hard is None else max(0, limit.hard - window.taken),
        resets_at=window.resets_at,
        state=_state(window),
    )


def _state(window: Window) -> State:
    if window.is_full:
        return "hard"
    soft = window.limit.soft
    return "soft" if soft is not None and window.taken >= soft else "ok"
