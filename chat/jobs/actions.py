"""Asking for a job, cancelling it, trying it again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Membership, Organization, User
from audit.record import record
from chat.errors import Invalid
from chat.jobs.bell import ring
from chat.jobs.queries import any_job, job_for
from chat.jobs.states import ENDED_BADLY, OPEN
from chat.models import Job

NOT_FAILED = "Only a job that failed or was cancelled can be tried again."
OPEN_ALREADY = "The same job has been asked for again meanwhile and is not done yet."


@transaction.atomic
def ask(
    kind: str,
    *,
    organization: Organization | None = None,
    owner: User | None = None,
    key: str = "",
    facts: Mapping[str, Any] | None = None,
    not_before: datetime | None = None,
) -> Job:
    """Have a job done; return the open one of this kind and key when there is one.

    What the clock asks for has no owner and is not recorded here; what it does is, by its kind.
    """
    job = Job(
        kind=kind, organization=organization, owner=owner, key=key, facts=dict(facts or {}), not_before=not_before
    )
    asked = _open_or_new(job)
    if asked.id == job.id and owner is not None:
        _say("chat.job.asked", job, owner)
    if not_before is None:
        transaction.on_commit(partial(ring, asked.id))
    return asked


def _open_or_new(job: Job) -> Job:
    while True:
        Job.objects.bulk_create([job], ignore_conflicts=True)
        found = Job.objects.filter(id=job.id).first()
        # The one that was open may end before it is read.
        found = found or Job.objects.filter(kind=job.kind, key=job.key, state__in=OPEN).first()
        if found is not None:
            return found


@transaction.atomic
def cancel(*, acting: Membership, job_id: uuid.UUID) -> None:
    """End a job now; the piece that is being done is undone. One that has ended is left as it is. Raises NotFound."""
    _cancel(job_for(acting, job_id), acting.user)


@transaction.atomic
def retry(*, acting: Membership, job_id: uuid.UUID) -> None:
    """Have a job that failed go on where it was. Raises NotFound, or Invalid when there is nothing to try."""
    _retry(job_for(acting, job_id), acting.user)


@transaction.atomic
def cancel_as_operator(*, operator: User, job_id: uuid.UUID) -> None:
    """End any job now. Raises NotFound."""
    _cancel(any_job(operator, job_id), operator)


@transaction.atomic
def retry_as_operator(*, operator: User, job_id: uuid.UUID) -> None:
    """Have any job that failed go on where it was. Raises NotFound or Invalid."""
    _retry(any_job(operator, job_id), operator)


def _cancel(job: Job, actor: User) -> None:
    now = timezone.now()
    cancelled = Job.objects.filter(id=job.id, state__in=OPEN).update(
        state=Job.State.CANCELLED, cancel_requested_at=now, ended_at=now, words=""
    )
    if cancelled:
        _say("chat.job.cancelled", job, actor)


def _retry(job: Job, actor: User) -> None:
    try:
        with transaction.atomic():
            begun = Job.objects.filter(id=job.id, state__in=ENDED_BADLY).update(
                state=Job.State.QUEUED,
                failures=0,
                not_before=None,
                beat_at=None,
                ended_at=None,
                cancel_requested_at=None,
                words="",
            )
    except IntegrityError:
        raise Invalid(OPEN_ALREADY) from None
    if not begun:
        raise Invalid(NOT_FAILED)
    _say("chat.job.retried", job, actor)
    transaction.on_commit(partial(ring, job.id))


def _say(action: str, job: Job, actor: User) -> None:
    record(
        action,
        actor_id=actor.id,
        organization_id=job.organization_id,
        target=("job", job.id),
        facts={"kind": job.kind, "state": job.state, "done": job.done, "total": job.total},
        labels={actor.id: actor.email},
    )
