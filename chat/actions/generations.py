"""Stopping and continuing an answer."""

from __future__ import annotations

import uuid
from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from audit.record import record
from chat import doorbell, hints
from chat.actions.reserving import reserve
from chat.conduct import check_conduct
from chat.errors import Busy, CannotContinue, NotFound
from chat.ledger import close_unused
from chat.models import Conversation, Generation
from chat.queries import generation_for
from chat.states import ACTIVE, State
from inference.models import LedgerEntry

STOPPED_IN_LINE = "You stopped this answer before it began."


def stop(*, acting: Membership, generation_id: uuid.UUID) -> None:
    """Ask for an answer to end now. One that nobody has begun ends here; one that has ended stays as it is.

    Raises NotFound.
    """
    generation = generation_for(acting, generation_id)
    with transaction.atomic():
        _stop(acting, generation)


def stop_all(*, acting: Membership, conversation: Conversation) -> None:
    """Stop what is being written in a conversation that this member may write, in the caller's transaction."""
    for generation in Generation.objects.select_related("message").filter(
        message__conversation=conversation, state__in=ACTIVE
    ):
        _stop(acting, generation)


def _stop(acting: Membership, generation: Generation) -> None:
    now = timezone.now()
    rows = Generation.objects.filter(id=generation.id)
    if rows.filter(state=State.QUEUED).update(state=State.STOPPED, ended_at=now, words=STOPPED_IN_LINE):
        close_unused(generation.id, LedgerEntry.Outcome.STOPPED, now)
        _say(acting, generation, "chat.answer.stopped")
    elif rows.filter(state=State.RUNNING, stop_requested_at=None).update(stop_requested_at=now):
        _say(acting, generation, "chat.answer.stop_requested")
        transaction.on_commit(partial(doorbell.ring_stop, generation.id))


def continue_answer(*, acting: Membership, generation_id: uuid.UUID) -> None:
    """Queue an interrupted answer again, to go on from what was shown.

    Raises NotFound, CannotContinue, Busy, Paused or OverQuota.
    """
    generation = generation_for(acting, generation_id)
    with transaction.atomic():
        conversation = _held(generation.message.conversation_id)
        if Generation.objects.filter(message__conversation=conversation, state__in=ACTIVE).exists():
            raise Busy
        check_conduct(acting)
        moved = Generation.objects.filter(id=generation.id, state=State.INTERRUPTED, epoch=generation.epoch).update(
            state=State.QUEUED,
            words="",
            queued_at=timezone.now(),
            ended_at=None,
            worker_id=None,
            stop_requested_at=None,
        )
        if not moved:
            raise CannotContinue
        Conversation.objects.filter(id=conversation.id).update(updated_at=timezone.now())
        reserve(generation, conversation)
        _say(acting, generation, "chat.answer.continued")
        transaction.on_commit(doorbell.ring)


def _held(conversation_id: uuid.UUID) -> Conversation:
    """Hold a conversation, unless it was deleted in this moment: what is deleted has nothing written in it."""
    there = Conversation.objects.filter(id=conversation_id, deleted_at=None)
    conversation = there.select_for_update(no_key=True).first()
    if conversation is None:
        raise NotFound
    return conversation


def _say(acting: Membership, generation: Generation, action: str) -> None:
    record(
        action,
        actor_id=acting.user_id,
        organization_id=acting.organization_id,
        target=("generation", generation.id),
    )
    transaction.on_commit(
        partial(
            hints.conversation_changed,
            acting.organization_id,
            acting.user_id,
            generation.message.conversation_id,
        )
    )
