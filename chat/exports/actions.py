"""Asking for an export of one's own, and taking it."""

from __future__ import annotations

import uuid
from typing import BinaryIO

from django.db import transaction
from django.utils import timezone

from accounts.features import is_on
from accounts.models import Membership
from chat.errors import Invalid, NotFound
from chat.exports import files
from chat.exports.keeping import KEPT, is_kept, say
from chat.exports.kind import FEATURE, SWITCHED_OFF, ConversationExport
from chat.jobs.actions import ask
from chat.jobs.queries import own_jobs
from chat.jobs.states import OPEN
from chat.models import Job

GONE = "This export is not there any more: it is kept for 24 hours. Ask for a new one."
MOST_KEPT = 10
TOO_MANY = f"You have asked for {MOST_KEPT} exports within a day. Take one of them, or ask again later."


def ask_for_export(*, acting: Membership) -> Job:
    """Have all of a member's conversations put into a file; the one that is being made counts. Raises Invalid."""
    if not is_on(FEATURE, acting.organization_id):
        raise Invalid(SWITCHED_OFF)
    asked = own_jobs(acting).filter(kind=ConversationExport.name)
    # As many files as are kept of one person, however large.
    if asked.filter(created_at__gt=timezone.now() - KEPT).exclude(state__in=OPEN).count() >= MOST_KEPT:
        raise Invalid(TOO_MANY)
    key = f"{acting.organization_id} {acting.user_id}"
    return ask(ConversationExport.name, organization=acting.organization, owner=acting.user, key=key)


@transaction.atomic
def take_export(*, acting: Membership, job_id: uuid.UUID) -> BinaryIO:
    """Open the file of an export of one's own; that it was taken is recorded. Raises NotFound or Invalid."""
    if not is_on(FEATURE, acting.organization_id):
        raise Invalid(SWITCHED_OFF)
    job = own_jobs(acting).filter(id=job_id, kind=ConversationExport.name).first()
    if job is None:
        raise NotFound("This export does not exist, or it is not yours.")
    if not is_kept(job, timezone.now()):
        raise Invalid(GONE)
    say("chat.export.taken", job, actor_id=acting.user_id)
    try:
        return files.zip_of(job.id).open("rb")
    except FileNotFoundError:
        raise Invalid(GONE) from None
