"""What a page says of quotas when it is opened: nothing while all is well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Membership
from inference.quotas.measure import Measure
from inference.quotas.remaining import Remaining, remaining_of
from inference.quotas.words import refusal, warning


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """`state` is soft or hard; it is over at `resets_at`."""

    state: str
    words: str
    resets_at: datetime | None


def notice_for(membership: Membership, now: datetime) -> Notice | None:
    """Return the limit that is past its mark, the hardest one that lasts longest; answers being written are none."""
    found = remaining_of(membership.organization_id, membership.user_id, now)
    past = [one for one in found if one.state != "ok" and one.limit.measure != Measure.RUNNING]
    if not past:
        return None
    return _notice(max(past, key=lambda one: (one.state == "hard", one.resets_at or now)), now)


def _notice(one: Remaining, now: datetime) -> Notice:
    if one.state == "hard":
        words = refusal(one.limit, one.resets_at, now)
    else:
        words = warning(one.limit, one.used + one.reserved, one.resets_at, now)
    return Notice(state=one.state, words=words, resets_at=one.resets_at)
