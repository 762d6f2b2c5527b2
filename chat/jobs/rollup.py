"""Add days of the ledger up."""

from __future__ import annotations

from datetime import date, timedelta

from chat.jobs.kinds import Progress
from chat.models import Job
from inference.usage_rollup import roll_up

ONE_DAY = timedelta(days=1)


class Rollup:
    """A day in each turn. `facts` name the first and the last; doing one again changes nothing."""

    name = "rollup"
    title = "Adding up usage"
    is_shown_to_owner = False

    def turn(self, job: Job) -> Progress:
        """Add the next day up."""
        first, last = (date.fromisoformat(job.facts[end]) for end in ("since", "until"))
        day = date.fromisoformat(job.cursor["day"]) if job.cursor else first
        rows = roll_up(day)
        return Progress(
            cursor={"day": (day + ONE_DAY).isoformat()},
            done=(day - first).days + 1,
            total=max((last - first).days, 0) + 1,
            is_finished=day >= last,
            result={"rows": job.result.get("rows", 0) + rows},
        )
