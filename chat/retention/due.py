"""What an organization's rules say is to go now, and what holds keep."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Coalesce

from chat.models import Conversation, Generation, LegalHold, Review
from chat.retention.rules import Rules
from chat.states import ACTIVE


class Kept(StrEnum):
    """The states of a conversation that have a time of their own."""

    ACTIVE = "active"
    PINNED = "pinned"
    DELETED = "deleted"
    TEMPORARY = "temporary"


STATE = Case(
    When(is_temporary=True, then=Value(Kept.TEMPORARY.value)),
    When(deleted_at__isnull=False, then=Value(Kept.DELETED.value)),
    When(pinned_at__isnull=False, then=Value(Kept.PINNED.value)),
    default=Value(Kept.ACTIVE.value),
    output_field=TextField(),
)


DECIDED = (Review.State.UPHELD, Review.State.OVERTURNED)


def due(organization_id: uuid.UUID, rules: Rules, now: datetime) -> QuerySet[Conversation]:
    """Conversations whose time is over, those that a hold keeps too, each marked with its `state`.

    One that is being answered waits for the next run.
    """
    writing = Generation.objects.filter(message__conversation=OuterRef("pk"), state__in=ACTIVE)
    own = Conversation.objects.filter(_over(rules, now), organization_id=organization_id)
    return own.filter(~Exists(writing)).annotate(state=STATE)


def to_delete(organization_id: uuid.UUID, rules: Rules, now: datetime) -> QuerySet[Conversation]:
    """Conversations whose time is over and that no hold keeps."""
    return due(organization_id, rules, now).filter(~_held("pk", "owner_id"))


def kept_by_holds(organization_id: uuid.UUID, rules: Rules, now: datetime) -> QuerySet[Conversation]:
    """Conversations that are there only because a hold keeps them."""
    return due(organization_id, rules, now).filter(_held("pk", "owner_id"))


def held(organization_id: uuid.UUID) -> QuerySet[Conversation]:
    """Conversations that a hold keeps, whether their time is over or not."""
    return Conversation.objects.filter(_held("pk", "owner_id"), organization_id=organization_id)


def texts_to_erase(organization_id: uuid.UUID, rules: Rules, now: datetime) -> QuerySet[Review]:
    """Reviews whose text, and what its author wrote about it, had its time: nothing of what waits for a reviewer."""
    if rules.review_days is None:
        return Review.objects.none()
    ended = _free(organization_id).exclude(state=Review.State.OPEN).exclude(sealed="", appeal="")
    dated = ended.annotate(since=Coalesce(F("decided_at"), F("created_at")))
    return dated.filter(since__lt=_ago(now, rules.review_days))


def decided_texts(organization_id: uuid.UUID) -> QuerySet[Review]:
    """Reviews whose withheld text was only there to be decided about, and was: their policy keeps none."""
    decided = _free(organization_id).filter(state__in=DECIDED).exclude(sealed="")
    return decided.filter(Q(version=None) | Q(version__document__keep=False))


def _over(rules: Rules, now: datetime) -> Q:
    """Return which conversations have had their time; without any rule, none."""
    over = Q(pk__in=[])
    is_plain = Q(is_temporary=False, deleted_at=None)
    if rules.active_days is not None:
        over |= is_plain & Q(pinned_at=None, updated_at__lt=_ago(now, rules.active_days))
    if rules.pinned_days is not None:
        over |= is_plain & Q(pinned_at__isnull=False, updated_at__lt=_ago(now, rules.pinned_days))
    if rules.deleted_days is not None:
        over |= Q(deleted_at__lt=_ago(now, rules.deleted_days))
    if rules.temporary_hours is not None:
        over |= Q(is_temporary=True, created_at__lt=now - timedelta(hours=rules.temporary_hours))
    return over


def _free(organization_id: uuid.UUID) -> QuerySet[Review]:
    """Return the reviews that no hold keeps."""
    return Review.objects.filter(~_held("conversation_id", "author_id"), organization_id=organization_id)


def _ago(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)


def _held(conversation: str, person: str) -> Exists:
    """Return whether a hold keeps a row, by the names of its columns."""
    holds = LegalHold.objects.filter(organization_id=OuterRef("organization_id"), lifted_at=None)
    theirs = Q(user_id=OuterRef(person)) | Q(user=None, conversation=None)
    return Exists(holds.filter(Q(conversation=OuterRef(conversation)) | theirs))
