"""The texts of a stored message, as a policy reads them: one channel each, what was withheld in its place.

No input or output here.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chat.coverage import CHANNEL_OF_PART
from chat.withheld import Withheld
from moderation.channel import Channel

Parts = Sequence[Mapping[str, Any]]
Kept = Mapping[uuid.UUID, Withheld]
"""What was withheld and kept, by its review."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredText:
    """`number` counts a message's texts of one channel: each name and each arguments of a tool call are one."""

    channel: Channel
    number: int
    text: str


def texts_of(parts: Parts, *, is_prompt: bool, kept: Kept | None = None) -> list[StoredText]:
    """Return the texts of a message that hold anything."""
    joined: dict[Channel, str] = {}
    calls: list[str] = []
    for channel, text in _pieces(parts, kept or {}):
        if channel == Channel.TOOL_CALL:
            calls.append(text)
        else:
            place = Channel.PROMPT if is_prompt else channel
            joined[place] = joined.get(place, "") + text
    called = [StoredText(channel=Channel.TOOL_CALL, number=at, text=text) for at, text in enumerate(calls)]
    spoken = [StoredText(channel=channel, number=0, text=text) for channel, text in joined.items()]
    return [one for one in (*spoken, *called) if one.text]


def reviews_in(parts: Parts) -> list[uuid.UUID]:
    """Return the reviews that a message's receipts name."""
    return [uuid.UUID(part["receipt"]["review"]) for part in parts if "receipt" in part]


def _pieces(parts: Parts, kept: Kept) -> Iterator[tuple[Channel, str]]:
    for part in parts:
        if part["type"] == "tool_call":
            yield Channel.TOOL_CALL, part["name"]
        if part["type"] in CHANNEL_OF_PART:
            yield CHANNEL_OF_PART[part["type"]], part["text"]
        for review_id in reviews_in([part]):
            if review_id in kept:
                yield from _withheld(Channel(part["receipt"]["channel"]), kept[review_id])


def _withheld(channel: Channel, withheld: Withheld) -> Iterator[tuple[Channel, str]]:
    # A prompt's parts are what a reviewer may let pass, its text is all of it.
    if withheld.parts and channel != Channel.PROMPT:
        yield from _pieces(withheld.parts, {})
    else:
        yield channel, withheld.text
