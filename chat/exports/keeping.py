"""How long exports are kept, and deleting them."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from audit.record import record
from chat.exports import files
from chat.exports.kind import ConversationExport
from chat.jobs.states import OPEN
from chat.models import Job

KEPT = timedelta(hours=24)


def is_kept(job: Job, now: datetime) -> bool:
    """Say whether the file of an export can be taken."""
    return (
        job.kind == ConversationExport.name
        and job.state == Job.State.DONE
        and not job.result.get("deleted")
        and job.ended_at is not None
        and job.ended_at > now - KEPT
    )


def delete_old_exports() -> int:
    """Delete the files whose time is over, or whose job did not end well; return how many jobs had some."""
    now = timezone.now()
    kept = Q(state__in=OPEN) | Q(state=Job.State.DONE, ended_at__gt=now - KEPT)
    there = files.jobs_with_files()
    gone = there - set(Job.objects.filter(kept, id__in=there).values_list("id", flat=True))
    for job_id in gone:
        delete_export(job_id)
    return len(gone)


@transaction.atomic
def delete_exports_of(organization_id: uuid.UUID, user_id: uuid.UUID) -> None:
    """Delete what a person has exported: a conversation that is in it is to be found nowhere any more.

    An export that is being made begins anew, without it.
    """
    mine = Job.objects.filter(kind=ConversationExport.name, organization_id=organization_id, owner_id=user_id)
    # Who has the job loses its turn, and with it what it writes now.
    mine.filter(state__in=OPEN).update(state=Job.State.QUEUED, turn=F("turn") + 1, cursor={}, done=0, beat_at=None)
    # Pieces of one that failed or was cancelled are there for another try.
    for job_id in mine.filter(id__in=files.jobs_with_files()).values_list("id", flat=True):
        delete_export(job_id)


@transaction.atomic
def delete_export(job_id: uuid.UUID) -> None:
    """Delete the files of an export, and record that where there was one to take."""
    job = Job.objects.select_for_update().filter(id=job_id).first()
    if job is not None and job.state == Job.State.DONE and not job.result.get("deleted"):
        job.result["deleted"] = True
        job.save(update_fields=["result"])
        say("chat.export.deleted", job, actor_id=None)
    files.remove(job_id)


def say(action: str, job: Job, actor_id: uuid.UUID | None) -> None:
    """Record what happened to an export."""
    facts = {name: job.result.get(name, 0) for name in ("conversations", "bytes")}
    record(action, actor_id=actor_id, organization_id=job.organization_id, target=("job", job.id), facts=facts)
