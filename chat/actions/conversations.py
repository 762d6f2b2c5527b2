"""Changing a conversation: its title, its place in the list, the branch that is shown, its end."""

from __future__ import annotations

import uuid
from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from audit.record import record
from chat import hints
from chat.actions.generations import stop_all
from chat.errors import Invalid
from chat.limits import TITLE_CHARACTERS
from chat.models import Conversation
from chat.queries import conversation_for, deleted_conversation_for, message_for, newest_leaf
from chat.title_policy import check_typed


def rename(*, acting: Membership, conversation_id: uuid.UUID, title: str) -> Conversation:
    """Give a conversation the owner's title, which no job replaces. Raises NotFound or Invalid."""
    conversation = conversation_for(acting, conversation_id)
    title = " ".join(title.replace("\x00", "").split())
    if not title:
        raise Invalid("The title is empty. Write one, or press Escape to keep the old one.")
    if len(title) > TITLE_CHARACTERS:
        raise Invalid(f"The title is too long: {TITLE_CHARACTERS} characters is the most.")
    check_typed(acting, title)
    conversation.title = title
    conversation.titled_by_owner = True
    with transaction.atomic():
        conversation.save(update_fields=["title", "titled_by_owner"])
        _hint(hints.title_changed, acting, conversation)
    return conversation


def pin(*, acting: Membership, conversation_id: uuid.UUID, pinned: bool) -> Conversation:
    """Keep a conversation at the top of the list, or let it go. Raises NotFound."""
    conversation = conversation_for(acting, conversation_id)
    conversation.pinned_at = timezone.now() if pinned else None
    with transaction.atomic():
        conversation.save(update_fields=["pinned_at"])
        _hint_listing(acting)
    return conversation


def delete(*, acting: Membership, conversation_id: uuid.UUID) -> Conversation:
    """Stop what is written in a conversation and take it out of sight; it can be restored until the sweep erases it.

    Raises NotFound.
    """
    conversation = conversation_for(acting, conversation_id)
    conversation.deleted_at = timezone.now()
    with transaction.atomic():
        conversation.save(update_fields=["deleted_at"])
        # A send that came first has let go of the row by now; one that comes later finds no conversation.
        stop_all(acting=acting, conversation=conversation)
        _record(acting, conversation, "chat.conversation.deleted")
        _hint(hints.conversation_changed, acting, conversation)
    return conversation


def restore(*, acting: Membership, conversation_id: uuid.UUID) -> Conversation:
    """Undo a deletion. Raises NotFound."""
    conversation = deleted_conversation_for(acting, conversation_id)
    conversation.deleted_at = None
    with transaction.atomic():
        conversation.save(update_fields=["deleted_at"])
        _record(acting, conversation, "chat.conversation.restored")
        _hint(hints.conversation_changed, acting, conversation)
    return conversation


def select_branch(*, acting: Membership, conversation_id: uuid.UUID, message_id: uuid.UUID) -> Conversation:
    """Show the branch that goes through a message, down to its newest end. Raises NotFound."""
    conversation = conversation_for(acting, conversation_id)
    conversation.head_id = newest_leaf(message_for(conversation, message_id))
    with transaction.atomic():
        conversation.save(update_fields=["head"])
        _hint(hints.conversation_changed, acting, conversation)
    return conversation


def _record(acting: Membership, conversation: Conversation, action: str) -> None:
    record(
        action,
        actor_id=acting.user_id,
        organization_id=acting.organization_id,
        target=("conversation", conversation.id),
    )


def _hint(hint: object, acting: Membership, conversation: Conversation) -> None:
    assert callable(hint)
    transaction.on_commit(partial(hint, acting.organization_id, acting.user_id, conversation.id))


def _hint_listing(acting: Membership) -> None:
    transaction.on_commit(partial(hints.listing_changed, acting.organization_id, acting.user_id))
