"""What may leave the chat of a message: nothing that is not judged yet, and of what was withheld that it was."""

from __future__ import annotations

from chat.models import Message
from chat.states import ACTIVE
from chat.transcript import Part
from chat.visibility import Sight


def released(message: Message, sight: Sight) -> list[Part]:
    """Return the parts of a message that was released, its notices where it was not, none while it is written."""
    answer = getattr(message, "generation", None)
    if answer is not None and answer.state in ACTIVE:
        return []
    parts = sight.parts(message.parts)
    if message.release == Message.Release.RELEASED:
        return parts
    return [part for part in parts if part["type"] == "notice"]
