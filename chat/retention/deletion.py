"""Deleting for real. The ledger and the audit record stay: they hold ids and counts, never text."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction

from chat import hints
from chat.exports.keeping import delete_exports_of
from chat.models import Conversation, Generation, Message, Review
from chat.retention.due import decided_texts, texts_to_erase
from chat.retention.rules import Rules
from chat.retention.traces import forget_logs, forget_samples


def delete_conversations(organization_id: uuid.UUID, found: Sequence[Conversation]) -> Counter[str]:
    """Delete conversations that are locked, with everything that is kept of them; return how many of each thing.

    What lies outside the database goes first: a process that dies in between has the rows left to go on from.
    Raises redis.RedisError.
    """
    ids = [one.id for one in found]
    messages = list(Message.objects.filter(conversation_id__in=ids).values_list("id", flat=True))
    answers = list(Generation.objects.filter(message_id__in=messages).values_list("id", flat=True))
    logs = forget_logs(ids, answers)
    forget_samples(organization_id, messages)
    # Temporary chats are in no export.
    for owner_id in {one.owner_id for one in found if not one.is_temporary}:
        delete_exports_of(organization_id, owner_id)
    _, rows = Conversation.objects.filter(id__in=ids).delete()
    for owner_id in {one.owner_id for one in found}:
        transaction.on_commit(partial(hints.listing_changed, organization_id, owner_id))
    return Counter(
        conversations=len(ids),
        messages=len(messages),
        answers=len(answers),
        reviews=rows.get(Review._meta.label, 0),
        logs=logs,
    )


def erase_texts(organization_id: uuid.UUID, rules: Rules, now: datetime) -> Counter[str]:
    """Take what was withheld out of the reviews that need it no more, under the lock; return how many.

    What its author wrote about it stays until its time is over, like everything else that was said.
    """
    over = texts_to_erase(organization_id, rules, now).update(sealed="", appeal="")
    return Counter(withheld_texts=over + decided_texts(organization_id).update(sealed=""))
