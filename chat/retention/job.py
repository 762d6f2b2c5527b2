"""Deletes what an organization does not keep any more, some conversations at a time."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from redis import RedisError

from chat.jobs.errors import JobFailed
from chat.jobs.kinds import Progress
from chat.models import Conversation, Job
from chat.retention.certificate import certify
from chat.retention.deletion import delete_conversations, erase_texts
from chat.retention.due import Kept, kept_by_holds, to_delete
from chat.retention.lock import lock_retention
from chat.retention.rules import Rules, rules_in_force
from chat.retention.traces import forget_file

SOME = 100
"""Conversations of one turn."""
FIRST = uuid.UUID(int=0)
FORGET = "forget"
"""In the cursor when all is deleted but for Valkey's file, which holds it until it is written anew."""
OUT_OF_REACH = "Valkey was out of reach, and it may hold text of these conversations. It is tried again by itself."


class Retention:
    """`facts` may say that it is about temporary chats `only`. It goes through the ids in their order, once."""

    name = "retention"
    title = "Deleting what is not kept any more"
    is_shown_to_owner = False

    def turn(self, job: Job) -> Progress:
        """Delete some conversations; after the last one, withheld texts whose time is over, and Valkey's file."""
        assert job.organization_id is not None
        if FORGET in job.cursor:
            return _forget(job)
        lock_retention(job.organization_id)
        now = timezone.now()
        rules = rules_in_force(job.organization_id, now)
        after = uuid.UUID(job.cursor["after"]) if job.cursor else FIRST
        waiting = _waiting(job, rules, now).filter(id__gt=after).order_by("id")
        total = job.total or waiting.count()
        some = list(waiting.values_list("id", flat=True)[:SOME])
        found = _locked(waiting, some)
        counts = _delete(job.organization_id, found)
        is_last = len(some) < SOME
        if is_last and not job.facts.get("only"):
            counts += erase_texts(job.organization_id, rules, now)
        if counts:
            kept = kept_by_holds(job.organization_id, rules, now).count()
            certify(job, rules=rules, kept_by_holds=kept, counts=counts, ids=[one.id for one in found])
        result = dict(Counter(job.result) + counts)
        done = job.done + len(found)
        cursor = {"after": str(some[-1] if some else after)}
        return Progress(
            cursor=cursor | ({FORGET: "file"} if is_last and result else {}),
            done=done,
            total=max(total, done),
            is_finished=is_last and not result,
            result=result,
        )


def _waiting(job: Job, rules: Rules, now: datetime) -> QuerySet[Conversation]:
    assert job.organization_id is not None
    found = to_delete(job.organization_id, rules, now)
    return found.filter(is_temporary=True) if job.facts.get("only") == Kept.TEMPORARY else found


def _locked(waiting: QuerySet[Conversation], some: Sequence[uuid.UUID]) -> list[Conversation]:
    """Lock conversations, and return those that are still to go.

    Who was just sending to one had its lock, and what was sent is seen only by a statement that begins afterwards.
    """
    list(Conversation.objects.select_for_update().filter(id__in=some).order_by("id").values_list("id"))
    return list(waiting.filter(id__in=some))


def _forget(job: Job) -> Progress:
    try:
        is_forgotten = forget_file()
    except RedisError as error:
        raise JobFailed(OUT_OF_REACH) from error
    return Progress(
        cursor=job.cursor, done=job.done, total=job.total, is_finished=is_forgotten, result=dict(job.result)
    )


def _delete(organization_id: uuid.UUID, found: list[Conversation]) -> Counter[str]:
    if not found:
        return Counter()
    states = Counter(str(one.state) for one in found)  # type: ignore[attr-defined]
    try:
        return delete_conversations(organization_id, found) + states
    except RedisError as error:
        raise JobFailed(OUT_OF_REACH) from error
