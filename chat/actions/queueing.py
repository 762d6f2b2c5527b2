"""Queue an answer: the rows, the reservation, the record, and the call of a worker."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from audit.record import record
from chat import doorbell, hints
from chat.actions.reserving import reserve
from chat.models import Conversation, Generation, Message
from chat.offers import check_offered, made_like, model_asked
from chat.options import parse_options
from chat.queries import siblings_of
from chat.wish import Wish
from inference.quotas.reservation import QuotaWarning


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The rows that a send wrote, so that a page need not read them again. `siblings` are the prompt's."""

    conversation: Conversation
    prompt: Message
    answer: Message
    generation: Generation
    siblings: list[uuid.UUID]
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What a send led to. `repeated` says that it had been accepted before, `warnings` which quotas are near."""

    conversation_id: uuid.UUID
    message_id: uuid.UUID
    answer_id: uuid.UUID
    generation_id: uuid.UUID
    repeated: bool = False
    warnings: tuple[QuotaWarning, ...] = ()
    written: Written | None = None


def accepted(
    conversation: Conversation, prompt: Message, generation: Generation, *, repeated: bool = False
) -> Accepted:
    """Return what a send led to."""
    return Accepted(
        conversation_id=conversation.id,
        message_id=prompt.id,
        answer_id=generation.message_id,
        generation_id=generation.id,
        repeated=repeated,
    )


def queue_answer(
    acting: Membership,
    conversation: Conversation,
    answer_id: uuid.UUID,
    prompt: Message,
    wish: Wish,
    *,
    new: bool = False,
    may_refuse: bool = True,
) -> Accepted:
    """Write a prompt (unless it is there) and its answer to be. Raises Invalid, NotOffered and OverQuota.

    Rows may name each other before both exist: foreign keys are checked at the commit.
    """
    if wish.settings is not None:
        conversation.options = wish.settings.facts()
    making = _making(acting, conversation, prompt, wish)
    answer = Message(
        id=answer_id,
        conversation_id=conversation.id,
        parent_id=prompt.id,
        role=Message.Role.ASSISTANT,
        release=Message.Release.RELEASED,
    )
    _head(conversation, answer, new=new)
    asked_now = prompt._state.adding
    Message.objects.bulk_create([*([prompt] if asked_now else []), answer])
    generation = Generation.objects.create(
        message_id=answer.id, organization_id=acting.organization_id, user_id=acting.user_id, **making
    )
    warnings = reserve(generation, conversation, may_refuse=may_refuse)
    _record(generation, conversation, prompt, wish)
    _tell(acting, conversation)
    result = replace(accepted(conversation, prompt, generation), warnings=warnings)
    if not asked_now:
        return result
    siblings = [prompt.id] if new else siblings_of(conversation.id, [prompt.parent_id])[prompt.parent_id]
    written = Written(
        conversation=conversation,
        prompt=prompt,
        answer=answer,
        generation=generation,
        siblings=siblings,
        is_new=new,
    )
    return replace(result, written=written)


def _record(generation: Generation, conversation: Conversation, prompt: Message, wish: Wish) -> None:
    record(
        "chat.prompt.submitted",
        actor_id=generation.user_id,
        organization_id=generation.organization_id,
        target=("generation", generation.id),
        facts={"conversation": str(conversation.id), "message": str(prompt.id), **wish.facts()},
    )


def _making(acting: Membership, conversation: Conversation, prompt: Message, wish: Wish) -> dict[str, Any]:
    """Return the fields that say how the answer is to be made."""
    settings = [wish.settings] if wish.settings is not None else []
    if wish.again is not None:
        check_offered(acting.organization_id, *settings)
        earlier = made_like(acting.organization_id, prompt, wish.again)
        model_id = earlier.manifest["model"]["id"]
        return {"chat_model_id": model_id, "options": earlier.options, "manifest": earlier.manifest}
    chosen = wish.options.over(parse_options(conversation.options))
    model_id = model_asked(acting.organization_id, chosen, *settings)
    return {"chat_model_id": model_id, "options": wish.options.facts()}


def _head(conversation: Conversation, answer: Message, *, new: bool) -> None:
    conversation.head_id = answer.id
    conversation.updated_at = timezone.now()
    if new:
        conversation.save(force_insert=True)
    else:
        conversation.save(update_fields=["head", "updated_at", "options"])


def _tell(acting: Membership, conversation: Conversation) -> None:
    """Call a worker, and the author's other pages, once the rows are there."""
    place, version = (acting.organization_id, acting.user_id, conversation.id), conversation.updated_at
    transaction.on_commit(doorbell.ring)
    transaction.on_commit(partial(hints.conversation_changed, *place, version))
