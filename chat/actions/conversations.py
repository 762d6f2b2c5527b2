"""Changing a conversation: its title, its place in the list, the branch that is shown, its end."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Membership
from audit.record import record
from chat import hints
from chat.actions.generations import stop_all
from chat.errors import Invalid, NotFound
from chat.limits import TITLE_CHARACTERS
from chat.models import Conversation
from chat.queries import (
    conversation_for,
    conversations_of,
    deleted_conversation_for,
    deleted_conversations_of,
    message_for,
    newest_leaf,
)
from chat.title_policy import check_typed


def rename(*, acting: Membership, conversation_id: uuid.UUID, title: str) -> Conversation:
    """Give a conversation the owner's title, which no job replaces. Raises NotFound or Invalid."""
    conversation = _listed(acting, conversation_id)
    title = " ".join(title.replace("\x00", "").split())
    if not title:
        raise Invalid("The title is empty. Write one, or press Escape to keep the old one.")
    if len(title) > TITLE_CHARACTERS:
        raise Invalid(f"The title is too long: {TITLE_CHARACTERS} characters is the most.")
    check_typed(acting, title)
    with transaction.atomic():
        _write(conversation, conversations_of(acting), title=title, titled_by_owner=True)
        _record(acting, conversation, "chat.conversation.renamed")
        _hint(hints.title_changed, acting, conversation)
    return conversation


def pin(*, acting: Membership, conversation_id: uuid.UUID, pinned: bool) -> Conversation:
    """Keep a conversation at the top of the list, or let it go. Raises NotFound or Invalid."""
    conversation = _listed(acting, conversation_id)
    with transaction.atomic():
        _write(conversation, conversations_of(acting), pinned_at=timezone.now() if pinned else None)
        _record(acting, conversation, "chat.conversation.pinned" if pinned else "chat.conversation.unpinned")
        _hint_listing(acting)
    return conversation


def delete(*, acting: Membership, conversation_id: uuid.UUID) -> Conversation:
    """Stop what is written in a conversation and take it out of sight; it can be restored until the sweep erases it.

    Raises NotFound.
    """
    conversation = conversation_for(acting, conversation_id)
    with transaction.atomic():
        _write(conversation, conversations_of(acting), deleted_at=timezone.now())
        # A send that came first has let go of the row by now; one that comes later finds no conversation.
        stop_all(acting=acting, conversation=conversation)
        _record(acting, conversation, "chat.conversation.deleted")
        _hint(hints.conversation_changed, acting, conversation)
    return conversation


def restore(*, acting: Membership, conversation_id: uuid.UUID) -> Conversation:
    """Undo a deletion. Raises NotFound, also where the time of what was deleted is over."""
    conversation = deleted_conversation_for(acting, conversation_id)
    with transaction.atomic():
        _write(conversation, deleted_conversations_of(acting), deleted_at=None)
        _record(acting, conversation, "chat.conversation.restored")
        _hint(hints.conversation_changed, acting, conversation)
    return conversation


def select_branch(*, acting: Membership, conversation_id: uuid.UUID, message_id: uuid.UUID) -> Conversation:
    """Show the branch that goes through a message, down to its newest end. Raises NotFound."""
    conversation = conversation_for(acting, conversation_id)
    head_id = newest_leaf(message_for(conversation, message_id))
    with transaction.atomic():
        _write(conversation, conversations_of(acting), head_id=head_id)
        _record(acting, conversation, "chat.conversation.branch_selected")
        _hint(hints.conversation_changed, acting, conversation)
    return conversation


def _listed(acting: Membership, conversation_id: uuid.UUID) -> Conversation:
    found = conversation_for(acting, conversation_id)
    if found.is_temporary:
        raise Invalid("A temporary chat is in no list: it has no title, and cannot be pinned.")
    return found


def _write(conversation: Conversation, rows: QuerySet[Conversation], **facts: Any) -> None:
    """Change a conversation while it is one of these rows; raises NotFound when it was deleted meanwhile."""
    if not rows.filter(id=conversation.id).update(**facts):
        raise NotFound
    for name, fact in facts.items():
        setattr(conversation, name, fact)


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
