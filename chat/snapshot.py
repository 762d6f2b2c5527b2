"""A conversation as a page shows it, read in one go."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import Membership
from chat import frames
from chat.actions.queueing import Written
from chat.models import Generation, Message
from chat.queries import branch_of, conversation_for
from chat.states import ACTIVE
from chat.visibility import Sight


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """An answer that is being written: where it belongs, and up to where its row has it."""

    generation_id: uuid.UUID
    message_id: uuid.UUID
    state: str
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The shown branch. `messages` are as the browser reads them, oldest first."""

    conversation_id: uuid.UUID
    version: datetime
    conversation: dict[str, Any]
    messages: list[dict[str, Any]]
    writing: list[Writing]


def take_snapshot(membership: Membership, conversation_id: uuid.UUID, sight: Sight) -> Snapshot:
    """Read the shown branch of a conversation, as far as this member sees it; raises NotFound."""
    found = conversation_for(membership, conversation_id)
    branch = branch_of(found)
    siblings = {message.parent_id: getattr(message, "siblings", [message.id]) for message in branch}
    return Snapshot(
        conversation_id=found.id,
        version=found.updated_at,
        conversation=frames.conversation(found),
        messages=frames.messages(branch, siblings, sight),
        writing=[one for message in branch if (one := _writing(message))],
    )


def written_snapshot(written: Written, sight: Sight) -> Snapshot:
    """Return what a send has just written, in the form of a snapshot: its prompt and its answer to be."""
    generation = written.generation
    return Snapshot(
        conversation_id=written.conversation.id,
        version=written.conversation.updated_at,
        conversation=frames.conversation(written.conversation),
        messages=[
            frames.message(written.prompt, written.siblings, None, sight),
            frames.message(written.answer, [written.answer.id], generation, sight),
        ],
        writing=[_writing_of(generation)],
    )


def _writing(message: Message) -> Writing | None:
    generation = getattr(message, "generation", None)
    if generation is None or generation.state not in ACTIVE:
        return None
    return _writing_of(generation)


def _writing_of(generation: Generation) -> Writing:
    return Writing(
        generation_id=generation.id,
        message_id=generation.message_id,
        state=generation.state,
        sequence=generation.sequence,
    )
