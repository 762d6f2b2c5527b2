"""Samples of a backtest: the matched part of a stored text with what stands around it, for reviewers alone."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from chat.backtesting.comparison import Outcome
from chat.backtesting.kept_texts import stored_texts
from chat.backtesting.stored_text import StoredText
from chat.models import Backtest, Message
from chat.withheld import Piece, Withheld, window
from moderation.channel import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a sample stands. What was there may be hidden or erased since."""

    message_id: uuid.UUID
    channel: Channel
    number: int
    start: int
    end: int
    outcome: Outcome

    @classmethod
    def of(cls, kept: Sequence[str | int]) -> Self:
        """Return a place as a backtest's result keeps it."""
        message_id, channel, number, start, end, outcome = kept
        return cls(
            message_id=uuid.UUID(str(message_id)),
            channel=Channel(str(channel)),
            number=int(number),
            start=int(start),
            end=int(end),
            outcome=Outcome(str(outcome)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a reviewer reads of one place; `pieces` is empty where the text is gone since."""

    place: Place
    said_at: datetime | None
    owner_id: uuid.UUID | None
    pieces: Sequence[Piece]


def places_of(backtest: Backtest, rule: str) -> list[Place]:
    """Return where samples of one rule stand."""
    return [Place.of(one) for one in backtest.result.get("samples", {}).get(rule, [])]


def of_messages_left(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return a result without the places of messages that were deleted for good."""
    samples = result["samples"]
    named = {place[0] for places in samples.values() for place in places}
    left = set(map(str, Message.objects.filter(id__in=named).values_list("id", flat=True)))
    return {
        **result,
        "samples": {rule: [one for one in places if one[0] in left] for rule, places in samples.items()},
    }


def samples_at(backtest: Backtest, places: Sequence[Place]) -> list[Sample]:
    """Read what stands at places of the backtest's organization."""
    found = Message.objects.filter(
        id__in=[one.message_id for one in places],
        conversation__organization_id=backtest.organization_id,
        conversation__deleted_at=None,
    )
    messages = {one.id: one for one in found.select_related("conversation")}
    texts = stored_texts(list(messages.values()))
    return [_sample(one, messages.get(one.message_id), texts.get(one.message_id, [])) for one in places]


def _sample(place: Place, message: Message | None, texts: Sequence[StoredText]) -> Sample:
    return Sample(
        place=place,
        said_at=message.created_at if message else None,
        owner_id=message.conversation.owner_id if message else None,
        pieces=_pieces(place, texts),
    )


def _pieces(place: Place, texts: Sequence[StoredText]) -> list[Piece]:
    for one in texts:
        if (one.channel, one.number) == (place.channel, place.number) and place.end <= len(one.text):
            return window(Withheld(text=one.text, spans=((place.start, place.end),)))
    return []
