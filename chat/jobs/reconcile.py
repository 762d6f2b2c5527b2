"""Compare what quotas count with the ledger."""

from __future__ import annotations

import logging
import uuid

from django.utils import timezone

from accounts.models import Organization
from chat.jobs.kinds import Progress
from chat.ledger import close_lost
from chat.models import Job
from inference.quotas.reconciliation import forget_past, reconcile

log = logging.getLogger(__name__)


class Reconcile:
    """An organization in each turn. What differed is put right, counted, and said in the log."""

    name = "reconcile"
    title = "Comparing quotas with the ledger"
    is_shown_to_owner = False

    def turn(self, job: Job) -> Progress:
        """Compare the next organization's."""
        organizations = Organization.objects.order_by("id")
        if job.cursor:
            found = organizations.filter(id__gt=uuid.UUID(job.cursor["organization"])).first()
        else:
            found = organizations.first()
        drifted = job.result.get("drifted", 0)
        if found is None:
            close_lost(timezone.now())
            return Progress(cursor=job.cursor, done=job.done, total=job.done, is_finished=True)
        forget_past(found.id, timezone.now())
        drifts = reconcile(found.id)
        for drift in drifts:
            log.warning("A quota's count was wrong and was put right: %s", drift)
        return Progress(
            cursor={"organization": str(found.id)},
            done=job.done + 1,
            total=max(organizations.count(), job.done + 1),
            is_finished=False,
            result={"drifted": drifted + len(drifts)},
        )
