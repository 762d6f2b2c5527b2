"""Reads of conversations. Every one proves access inside the query."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from datetime import timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.utils import timezone

from accounts.models import Membership
from chat.errors import NotFound
from chat.models import Conversation, Generation, Message
from chat.retention.due import due
from chat.retention.rules import rules_in_force
from chat.states import ACTIVE
from chat.visibility import Sight
from inference.models import OrganizationRules, PlatformRules
from inference.rulebook import Rulebook

A_DAY = timedelta(days=1)
"""What was due so long ago a nightly run has deleted, unless a legal hold keeps it: for its owner it is gone."""
GONE = "This conversation is gone for good, or you have no access to it."

# From one message up to the root, in one statement however long the conversation is.
BRANCH = """
WITH RECURSIVE branch(id, parent_id, depth) AS (
    SELECT id, parent_id, 0 FROM chat_message WHERE id = %s AND conversation_id = %s
    UNION ALL
    SELECT message.id, message.parent_id, branch.depth + 1
    FROM chat_message AS message JOIN branch ON message.id = branch.parent_id
)
SELECT id FROM branch
"""

# From one message down to a leaf, always to the newest child.
NEWEST_LEAF = """
WITH RECURSIVE walk(id, depth) AS (
    SELECT %s::uuid, 0
    UNION ALL
    SELECT child.id, walk.depth + 1 FROM walk, LATERAL (
        SELECT id FROM chat_message WHERE parent_id = walk.id ORDER BY created_at DESC, id LIMIT 1
    ) AS child
)
SELECT id FROM walk ORDER BY depth DESC LIMIT 1
"""


def conversations_of(membership: Membership) -> QuerySet[Conversation]:
    """Conversations that a member owns in this organization and has not deleted."""
    return Conversation.objects.filter(
        organization_id=membership.organization_id, owner_id=membership.user_id, deleted_at=None
    )


def conversation_for(membership: Membership, conversation_id: uuid.UUID) -> Conversation:
    """Return a conversation that this member may read and write; raises NotFound."""
    conversation = conversations_of(membership).filter(id=conversation_id).first()
    if conversation is None:
        raise NotFound
    return conversation


def deleted_conversations_of(membership: Membership) -> QuerySet[Conversation]:
    """Conversations that a member deleted in this organization and may have back."""
    then = timezone.now() - A_DAY
    gone = due(membership.organization_id, rules_in_force(membership.organization_id, then), then)
    deleted = Conversation.objects.filter(
        organization_id=membership.organization_id, owner_id=membership.user_id, deleted_at__isnull=False
    )
    return deleted.exclude(id__in=gone.values("id"))


def deleted_conversation_for(membership: Membership, conversation_id: uuid.UUID) -> Conversation:
    """Return a conversation that this member deleted and may have back; raises NotFound."""
    conversation = deleted_conversations_of(membership).filter(id=conversation_id).first()
    if conversation is None:
        raise NotFound(GONE)
    return conversation


def generation_for(membership: Membership, generation_id: uuid.UUID) -> Generation:
    """Return a generation in a conversation of this member; raises NotFound."""
    generation = (
        Generation.objects.select_related("message")
        .filter(id=generation_id, message__conversation__in=conversations_of(membership))
        .first()
    )
    if generation is None:
        raise NotFound
    return generation


def message_for(conversation: Conversation, message_id: uuid.UUID) -> Message:
    """Return a message of a conversation that was fetched with access; raises NotFound."""
    message = conversation.messages.filter(id=message_id).first()
    if message is None:
        raise NotFound
    return message


def listing(membership: Membership, query: str = "") -> QuerySet[Conversation]:
    """Conversations for the list, newest first, those being answered marked `active`; no temporary ones."""
    writing = Generation.objects.filter(message__conversation=OuterRef("pk"), state__in=ACTIVE)
    listed = conversations_of(membership).filter(is_temporary=False)
    found = listed.annotate(active=Exists(writing)).order_by("-updated_at")
    return found.filter(Q(title__icontains=query)) if query else found


def branch_of(conversation: Conversation) -> list[Message]:
    """Return the shown branch, oldest first."""
    return branch_to(conversation.id, conversation.head_id)


def branch_to(conversation_id: uuid.UUID, message_id: uuid.UUID | None) -> list[Message]:
    """Return the branch that ends in a message, oldest first.

    Each message is marked with its `siblings`, itself among them, oldest first; each answer with its `effort`.
    """
    within = RawSQL(BRANCH, [message_id, conversation_id])
    # A manifest may hold long instructions, for every answer again.
    rows = Message.objects.select_related("generation").defer("generation__manifest", "generation__options")
    effort = KeyTextTransform("effort", KeyTransform("reasoning", "generation__manifest"))
    marked = rows.annotate(effort=effort, siblings=_siblings(conversation_id))
    found = {one.id: one for one in marked.filter(id__in=within)}
    branch: list[Message] = []
    while message_id in found:
        branch.append(found[message_id])
        message_id = branch[-1].parent_id
    return branch[::-1]


def _siblings(conversation_id: uuid.UUID) -> Case:
    # Two questions: no index finds what is equal or both times nothing.
    beside, first = Q(parent_id=OuterRef("parent_id")), Q(parent_id=None, conversation_id=conversation_id)
    in_order = Message.objects.order_by("created_at", "id").values("id")
    first_of, beside_of = ArraySubquery(in_order.filter(first)), ArraySubquery(in_order.filter(beside))
    return Case(When(parent_id=None, then=first_of), default=beside_of)


def newest_leaf(message: Message) -> uuid.UUID:
    """Return the last message of the newest branch under a message, or the message itself."""
    return _ids(NEWEST_LEAF, [message.id])[0]


def siblings_of(
    conversation_id: uuid.UUID, parents: Iterable[uuid.UUID | None]
) -> dict[uuid.UUID | None, list[uuid.UUID]]:
    """Return the children of each parent, oldest first."""
    wanted = set(parents)
    children = Message.objects.filter(conversation_id=conversation_id).filter(
        Q(parent_id__in=wanted - {None}) | (Q(parent_id=None) if None in wanted else Q(pk__in=[]))
    )
    found: dict[uuid.UUID | None, list[uuid.UUID]] = {}
    for parent_id, message_id in children.order_by("created_at", "id").values_list("parent_id", "id"):
        found.setdefault(parent_id, []).append(message_id)
    return found


def sight_of(membership: Membership) -> Sight:
    """Return what a member may see of answers."""
    return sights_of([membership])[membership.id]


def sights_of(memberships: Collection[Membership]) -> dict[int, Sight]:
    """Return what each of these members may see of answers, by the membership's id."""
    platform = PlatformRules.objects.first() or PlatformRules()
    own = OrganizationRules.objects.in_bulk({one.organization_id for one in memberships})
    sights = {}
    for one in memberships:
        rules = Rulebook(platform=platform, organization=own.get(one.organization_id) or OrganizationRules())
        sights[one.id] = Sight(reasoning=rules.shows_reasoning_to(one.role))
    return sights


def answer_for(membership: Membership, conversation_id: uuid.UUID, message_id: uuid.UUID) -> Generation:
    """Return how an answer in a conversation of this member was made; raises NotFound."""
    conversation = conversation_for(membership, conversation_id)
    made = Generation.objects.filter(message_id=message_id, message__conversation=conversation).first()
    if made is None:
        raise NotFound
    return made


def _ids(statement: str, parameters: list[uuid.UUID | None]) -> list[uuid.UUID]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [row[0] for row in cursor.fetchall()]
