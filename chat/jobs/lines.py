"""Jobs as pages show them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from chat.jobs.registry import title_of
from chat.jobs.states import ENDED_BADLY, OPEN
from chat.models import Backtest, Job

State = Job.State
# The word of a state, and how its badge looks.
STATES = {
    State.QUEUED: ("Waiting", ""),
    State.RUNNING: ("Running", "warm"),
    State.DONE: ("Done", "good"),
    State.CANCELLED: ("Cancelled", ""),
    State.FAILED: ("Failed", "bad"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLine:
    """One job. `percent` is None where it is not known how much there is; `who` is empty where the clock asked."""

    id: uuid.UUID
    title: str
    state: str
    badge: str
    percent: int | None
    done: int
    total: int
    words: str
    who: str
    asked_at: datetime
    ended_at: datetime | None
    not_before: datetime | None
    is_open: bool
    can_retry: bool


def job_line(job: Job) -> JobLine:
    """Return a job as a line."""
    return _line(job, title_of(job.kind), str(job.owner or ""), job.not_before, can_retry=job.state in ENDED_BADLY)


def backtest_line(backtest: Backtest) -> JobLine:
    """Return a backtest as a line; it is begun anew on a page of its own."""
    title = f"Backtest of {backtest.version.name}, version {backtest.version.number}"
    return _line(backtest, title, str(backtest.requested_by or ""), None, can_retry=False)


def _line(one: Job | Backtest, title: str, who: str, not_before: datetime | None, *, can_retry: bool) -> JobLine:
    word, badge = STATES[State(one.state)]
    is_open = one.state in OPEN
    return JobLine(
        id=one.id,
        title=title,
        state=word,
        badge=badge,
        percent=100 * one.done // one.total if one.total else None,
        done=one.done,
        total=one.total,
        words=one.words,
        who=who,
        asked_at=one.created_at,
        ended_at=one.ended_at,
        not_before=not_before if is_open and one.state == State.QUEUED else None,
        is_open=is_open,
        can_retry=can_retry,
    )
