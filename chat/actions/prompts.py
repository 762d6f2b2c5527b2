"""Asking: store a prompt and the answer to be made, once however often it is sent."""

from __future__ import annotations

import uuid

from django.db import IntegrityError, transaction

from accounts.features import is_on
from accounts.models import Membership
from chat.actions.queueing import Accepted, accepted, queue_answer
from chat.conduct import check_conduct
from chat.errors import Busy, Invalid, NotFound, NotOffered, TooLong
from chat.limits import MESSAGE_CHARACTERS
from chat.models import Conversation, Generation, Message
from chat.queries import message_for
from chat.states import ACTIVE
from chat.wish import PLAIN, Wish


def submit_prompt(
    *,
    acting: Membership,
    conversation_id: uuid.UUID,
    message_id: uuid.UUID,
    parent_id: uuid.UUID | None,
    text: str,
    wish: Wish = PLAIN,
) -> Accepted:
    """Store a prompt under `parent_id` and queue its answer, creating the conversation if it is new.

    Idempotent by (conversation, message id) for ever. Raises NotFound, Invalid, TooLong, Busy, Paused or NotOffered.
    """
    _check(text)
    try:
        with transaction.atomic():
            return _submit(acting, conversation_id, message_id, parent_id, text, wish)
    except IntegrityError:
        # The same ids were committed by a twin of this send, or belong to somebody else.
        with transaction.atomic():
            conversation = _own_conversation(acting, conversation_id)
            return _repeated(conversation, message_id)


def regenerate(
    *,
    acting: Membership,
    conversation_id: uuid.UUID,
    message_id: uuid.UUID,
    answer_id: uuid.UUID,
    wish: Wish = PLAIN,
) -> Accepted:
    """Queue another answer to a prompt, beside the earlier ones.

    Idempotent by the answer's id. Raises NotFound, Invalid, Busy, Paused or NotOffered.
    """
    try:
        with transaction.atomic():
            conversation = _own_conversation(acting, conversation_id)
            prompt = message_for(conversation, message_id)
            if prompt.role != Message.Role.USER:
                raise Invalid("Only one of your own messages can be answered again.")
            _refuse_withheld(prompt)
            earlier = Generation.objects.filter(message_id=answer_id, message__parent=prompt).first()
            if earlier is not None:
                return accepted(conversation, prompt, earlier, repeated=True)
            _refuse_while_writing(conversation)
            check_conduct(acting)
            return queue_answer(acting, conversation, answer_id, prompt, wish)
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
    acting: Membership,
    conversation_id: uuid.UUID,
    message_id: uuid.UUID,
    parent_id: uuid.UUID | None,
    text: str,
    wish: Wish,
) -> Accepted:
    prompt = Message(
        id=message_id,
        conversation_id=conversation_id,
        parent_id=parent_id,
        role=Message.Role.USER,
        parts=[{"type": "text", "text": text}],
    )
    if parent_id is None and not Conversation.objects.filter(id=conversation_id).exists():
        check_conduct(acting)
        conversation = _new_conversation(acting, conversation_id, wish)
        return queue_answer(acting, conversation, uuid.uuid4(), prompt, wish, new=True)
    conversation = _own_conversation(acting, conversation_id)
    if Message.objects.filter(id=message_id, conversation=conversation).exists():
        return _repeated(conversation, message_id)
    _refuse_while_writing(conversation)
    check_conduct(acting)
    _check_parent(conversation, parent_id)
    return queue_answer(acting, conversation, uuid.uuid4(), prompt, wish)


def _new_conversation(acting: Membership, conversation_id: uuid.UUID, wish: Wish) -> Conversation:
    if wish.temporary and not is_on("temporary-chats", acting.organization_id):
        raise NotOffered("Temporary chats are switched off here. Turn “Temporary chat” off and send it again.")
    return Conversation(
        id=conversation_id,
        organization_id=acting.organization_id,
        owner_id=acting.user_id,
        is_temporary=wish.temporary,
    )


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


def _refuse_withheld(prompt: Message) -> None:
    if prompt.release == Message.Release.HELD:
        raise Invalid("This message waits for a reviewer. You can edit it and send it again.")
    if prompt.release == Message.Release.WITHHELD:
        raise Invalid("This message was not let through. Edit it and send it again.")


def _refuse_while_writing(conversation: Conversation) -> None:
    if Generation.objects.filter(message__conversation=conversation, state__in=ACTIVE).exists():
        raise Busy


def _repeated(conversation: Conversation, message_id: uuid.UUID) -> Accepted:
    prompt = message_for(conversation, message_id)
    first = Generation.objects.filter(message__parent=prompt).order_by("queued_at").first()
    if first is None:
        raise NotFound
    return accepted(conversation, prompt, first, repeated=True)
