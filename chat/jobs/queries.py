"""Reads of jobs. Access is proved inside the query."""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet

from accounts.models import Membership, User
from chat.errors import NotFound
from chat.jobs.registry import KINDS
from chat.models import Job

NO_JOB = "This job does not exist, or you have no access to it."


def jobs_of(membership: Membership) -> QuerySet[Job]:
    """The organization's jobs, newest first, for who administers it: without what people do for themselves."""
    if not membership.administers:
        return Job.objects.none()
    own = Job.objects.filter(organization_id=membership.organization_id).exclude(kind__in=personal_kinds())
    return own.select_related("owner").order_by("-created_at")


def own_jobs(membership: Membership) -> QuerySet[Job]:
    """What a member has asked for in this organization, newest first."""
    mine = Job.objects.filter(organization_id=membership.organization_id, owner_id=membership.user_id)
    return mine.order_by("-created_at")


def personal_jobs(membership: Membership) -> QuerySet[Job]:
    """What people of the organization do for themselves: to be counted, by who administers it."""
    if not membership.administers:
        return Job.objects.none()
    return Job.objects.filter(organization_id=membership.organization_id, kind__in=personal_kinds())


def all_jobs() -> QuerySet[Job]:
    """Every job, newest first, for the operator's panel. No row holds message text."""
    return Job.objects.select_related("owner", "organization").order_by("-created_at")


def job_for(membership: Membership, job_id: uuid.UUID) -> Job:
    """Return a job that this member may cancel or try again; raises NotFound."""
    mine = Q(owner_id=membership.user_id)
    others = Q() if membership.administers else Q(pk__in=[])
    may = mine | others & ~Q(kind__in=personal_kinds())
    found = Job.objects.filter(may, id=job_id, organization_id=membership.organization_id).first()
    if found is None:
        raise NotFound(NO_JOB)
    return found


def any_job(operator: User, job_id: uuid.UUID) -> Job:
    """Return any job, for an operator; raises NotFound."""
    found = Job.objects.filter(id=job_id).first() if operator.is_staff and operator.is_active else None
    if found is None:
        raise NotFound(NO_JOB)
    return found


def personal_kinds() -> list[str]:
    """Return the names of the kinds that people do for themselves."""
    return [name for name, kind in KINDS.items() if kind.is_shown_to_owner]
