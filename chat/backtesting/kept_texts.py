"""The texts of stored messages. What policies withheld and kept is opened in memory only."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence

from accounts.sealing import Unreadable
from chat.backtesting.stored_text import StoredText, reviews_in, texts_of
from chat.models import Message, Review
from chat.withheld import Withheld, opened

GONE = ("redacted", "dropped", "retracted")
"""What a message's coverage says was taken out of it and is kept nowhere."""


def gaps_in(message: Message) -> int:
    """Return how many texts of a message cannot be read whole any more."""
    return sum(any(entry.get(name) for name in GONE) for entry in message.coverage.get("texts", ()))


def stored_texts(messages: Sequence[Message]) -> dict[uuid.UUID, list[StoredText]]:
    """Return the texts of messages by their ids, with what was withheld and kept in its place."""
    kept = dict(_kept([one for message in messages for one in reviews_in(message.parts)]))
    return {
        message.id: texts_of(message.parts, is_prompt=message.role == Message.Role.USER, kept=kept)
        for message in messages
    }


def _kept(review_ids: Sequence[uuid.UUID]) -> Iterator[tuple[uuid.UUID, Withheld]]:
    # What a reviewer has let through stands in the message again.
    rows = Review.objects.filter(id__in=review_ids).exclude(state=Review.State.OVERTURNED)
    for review_id, sealed in rows.values_list("id", "sealed"):
        try:
            withheld = opened(sealed)
        except Unreadable:
            # It was sealed with a secret key that is gone: nobody reads it any more.
            continue
        if withheld is not None:
            yield review_id, withheld
