"""Asking: store a prompt and the answer to be made, once however often it is sent."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Membership
from audit.record import record
from chat import doorbell, hints
from chat.errors import Busy, Invalid, NotFound, TooLong
from chat.limits import MESSAGE_CHARACTERS
from chat.models import Conversation, Generation, Message
from chat.queries import message_for, siblings_of
from chat.states import ACTIVE
from inference.models import LedgerEntry


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
    """What a send led to. `repeated` says that it had been accepted before."""

    conversation_id: uuid.UUID
    message_id: uuid.UUID
    answer_id: uuid.UUID
    generation_id: uuid.UUID
    repeated: bool = False
    written: Written | None = None


def submit_prompt(
    *,
    acting: Membership,
    conversation_id: uuid.UUID,
    message_id: uuid.UUID,
    parent_id: uuid.UUID | None,
    text: str,
) -> Accepted:
    """Store a prompt under `parent_id` and queue its answer, creating the conversation if it is new.

    Idempotent by (conversation, message id) for ever. Raises NotFound, Invalid, TooLong or Busy.
    """
    _check(text)
    try:
        with transaction.atomic():
            return _submit(acting, conversation_id, message_id, parent_id, text)
    except IntegrityError:
        # The same ids were committed by a twin of this send, or belong to somebody else.
        with transaction.atomic():
            conversation = _own_conversation(acting, conversation_id)
            return _repeated(conversation, message_id)


def regenerate(
    *, acting: Membership, conversation_id: uuid.UUID, message_id: uuid.UUID, answer_id: uuid.UUID
) -> Accepted:
    """Queue another answer to a prompt, beside the earlier ones.

    Idempotent by the answer's id. Raises NotFound, Invalid or Busy.
    """
    try:
        with transaction.atomic():
            conversation = _own_conversation(acting, conversation_id)
            prompt = message_for(conversation, message_id)
            if prompt.role != Message.Role.USER:
                raise Invalid("Only one of your own messages can be answered again.")
            earlier = Generation.objects.filter(message_id=answer_id, message__parent=prompt).first()
            if earlier is not None:
                return _accepted(conversation, prompt, earlier, repeated=True)
            _refuse_while_writing(conversation)
            return _queue_answer(acting, conversation, answer_id, prompt)
    except IntegrityError:
        raise NotFound from None


def _check(text: str) -> None:
    if not text.strip():
        raise Invalid("The message is empty. Write something first.")
    if len(text) > MESSAGE_CHARACTERS:
        raise TooLong(
            f"The message has {len(text):,} characters; {MESSAGE_CHARACTERS:,} is the most. Send it in parts."
        )
    if "\x00" in text:
        raise Invalid("The message contains a NUL character, which cannot be stored. Remove it and send again.")


def _submit(
    acting: Membership, conversation_id: uuid.UUID, message_id: uuid.UUID, parent_id: uuid.UUID | None, text: str
) -> Accepted:
    prompt = Message(
        id=message_id,
        conversation_id=conversation_id,
        parent_id=parent_id,
        role=Message.Role.USER,
        parts=[{"type": "text", "text": text}],
    )
    if parent_id is None and not Conversation.objects.filter(id=conversation_id).exists():
        return _queue_answer(acting, _new_conversation(acting, conversation_id), uuid.uuid4(), prompt, new=True)
    conversation = _own_conversation(acting, conversation_id)
    if Message.objects.filter(id=message_id, conversation=conversation).exists():
        return _repeated(conversation, message_id)
    _refuse_while_writing(conversation)
    _check_parent(conversation, parent_id)
    return _queue_answer(acting, conversation, uuid.uuid4(), prompt)


def _new_conversation(acting: Membership, conversation_id: uuid.UUID) -> Conversation:
    return Conversation(id=conversation_id, organization_id=acting.organization_id, owner_id=acting.user_id)


def _own_conversation(acting: Membership, conversation_id: uuid.UUID) -> Conversation:
    # The lock makes sends to one conversation take turns, so that twins see each other.
    conversation = (
        Conversation.objects.select_for_update(no_key=True)
        .filter(
            id=conversation_id,
            owner_id=acting.user_id,
            organization_id=acting.organization_id,
            deleted_at=None,
        )
        .first()
    )
    if conversation is None:
        raise NotFound
    return conversation


def _check_parent(conversation: Conversation, parent_id: uuid.UUID | None) -> None:
    if parent_id is None:
        return
    if message_for(conversation, parent_id).role != Message.Role.ASSISTANT:
        raise Invalid("A message can only follow an answer. Reload the page and send it again.")


def _refuse_while_writing(conversation: Conversation) -> None:
    if Generation.objects.filter(message__conversation=conversation, state__in=ACTIVE).exists():
        raise Busy


def _repeated(conversation: Conversation, message_id: uuid.UUID) -> Accepted:
    prompt = message_for(conversation, message_id)
    first = Generation.objects.filter(message__parent=prompt).order_by("queued_at").first()
    if first is None:
        raise NotFound
    return _accepted(conversation, prompt, first, repeated=True)


def _accepted(conversation: Conversation, prompt: Message, generation: Generation, *, repeated: bool) -> Accepted:
    return Accepted(
        conversation_id=conversation.id,
        message_id=prompt.id,
        answer_id=generation.message_id,
        generation_id=generation.id,
        repeated=repeated,
    )


def _queue_answer(
    acting: Membership, conversation: Conversation, answer_id: uuid.UUID, prompt: Message, *, new: bool = False
) -> Accepted:
    """Write a prompt (unless it is there) and its answer to be. Rows may name each other before both exist:
    foreign keys are checked at the commit.
    """
    answer = Message(
        id=answer_id,
        conversation_id=conversation.id,
        parent_id=prompt.id,
        role=Message.Role.ASSISTANT,
        release=Message.Release.RELEASED,
    )
    conversation.head_id = answer.id
    conversation.updated_at = timezone.now()
    if new:
        conversation.save(force_insert=True)
    else:
        conversation.save(update_fields=["head", "updated_at"])
    asked_now = prompt._state.adding
    Message.objects.bulk_create([*([prompt] if asked_now else []), answer])
    generation = Generation.objects.create(
        message_id=answer.id, organization_id=acting.organization_id, user_id=acting.user_id
    )
    reserve(generation, conversation)
    record(
        "chat.prompt.submitted",
        actor_id=acting.user_id,
        organization_id=acting.organization_id,
        target=("generation", generation.id),
        facts={"conversation": str(conversation.id), "message": str(prompt.id)},
    )
    _tell(acting, conversation)
    accepted = _accepted(conversation, prompt, generation, repeated=False)
    if not asked_now:
        return accepted
    siblings = [prompt.id] if new else siblings_of(conversation.id, [prompt.parent_id])[prompt.parent_id]
    written = Written(
        conversation=conversation,
        prompt=prompt,
        answer=answer,
        generation=generation,
        siblings=siblings,
        is_new=new,
    )
    return replace(accepted, written=written)


def _tell(acting: Membership, conversation: Conversation) -> None:
    """Call a worker, and the author's other pages, once the rows are there."""
    place, version = (acting.organization_id, acting.user_id, conversation.id), conversation.updated_at
    transaction.on_commit(doorbell.ring)
    transaction.on_commit(partial(hints.conversation_changed, *place, version))


def reserve(generation: Generation, conversation: Conversation) -> None:
    """Put the coming engine call into the ledger with an upper bound of its cost."""
    LedgerEntry.objects.create(
        purpose=LedgerEntry.Purpose.ANSWER,
        organization_id=generation.organization_id,
        user_id=generation.user_id,
        conversation_id=conversation.id,
        generation_id=generation.id,
        epoch=generation.epoch + 1,
        reserved_tokens=settings.ENGINE_CONTEXT or 8192,
    )
