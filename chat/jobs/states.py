"""The states of a job, by what can be done with it."""

from __future__ import annotations

from chat.models import Job

OPEN = (Job.State.QUEUED, Job.State.RUNNING)
"""It is still to be done, and can be cancelled."""
ENDED_BADLY = (Job.State.FAILED, Job.State.CANCELLED)
"""It can be tried again."""
