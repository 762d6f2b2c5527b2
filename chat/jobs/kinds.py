"""What a job can be. Each kind is one object in chat.jobs.registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from chat.models import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a job is after a turn: where the next one goes on, and what it has found. No message text."""

    cursor: Mapping[str, Any]
    done: int
    total: int
    is_finished: bool
    result: Mapping[str, Any] | None = None
    words: str = ""


class Kind(Protocol):
    """Do one kind of long work, piece by piece.

    `title` is what people read; `is_shown_to_owner` says whether who asked for it sees it among their own jobs, and
    the organization's admins only how many there are.
    """

    name: str
    title: str
    is_shown_to_owner: bool

    def turn(self, job: Job) -> Progress:
        """Do the next piece (a few seconds of work at most) in the caller's transaction.

        What it writes is kept together with the cursor that it returns, or not at all; what is done outside the
        database must bear being done twice. Raises chat.jobs.errors.JobFailed.
        """
