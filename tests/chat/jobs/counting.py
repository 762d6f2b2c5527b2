"""A kind of job for tests: it writes one audit-like row for each number, and doing one twice would be seen."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from accounts.models import FeatureSwitch
from chat.jobs.kinds import Progress
from chat.models import Job


def nothing(job: Job) -> None:
    """Leave a job alone."""


@dataclass(slots=True, kw_only=True)
class Counting:
    """Write one row in each turn; `before` is called in the middle of one, when its row is written."""

    until: int
    name: str = field(default_factory=lambda: f"counting-{uuid.uuid4().hex[:8]}")
    title: str = "Counting"
    is_shown_to_owner: bool = False
    middle: Callable[[Job], None] = nothing

    def turn(self, job: Job) -> Progress:
        """Write the next row."""
        number = job.cursor.get("number", 0)
        FeatureSwitch.objects.create(name=f"{job.id.hex}.{number}.{job.turn}", organization=job.organization)
        self.middle(job)
        return Progress(
            cursor={"number": number + 1},
            done=number + 1,
            total=self.until,
            is_finished=number + 1 == self.until,
            result={"sum": job.result.get("sum", 0) + number},
        )


def written(job: Job) -> int:
    """Return how many rows a job has written."""
    return FeatureSwitch.objects.filter(name__startswith=job.id.hex).count()
