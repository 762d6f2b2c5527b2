"""A page that is opened in the midst of an answer."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from chat.models import Conversation, Generation, Message
from chat.snapshot import take_snapshot
from chat.states import State
from chat.transcript import Part
from chat.visibility import Sight
from chat.worker.settle import Checkpoint, checkpoint
from tests.cast import Cast

# No worker holds what is written here: it is never committed.
pytestmark = pytest.mark.usefixtures("unseen")
THOUGHT: Part = {"type": "reasoning", "text": "First this,"}


def thinking(cast: Cast, parts: list[Part], began: datetime, **fields: object) -> Conversation:
    """Return a conversation whose answer is being written, as it is saved now and then."""
    place = {"organization_id": cast.organization.id, "owner_id": cast.bob.user_id}
    conversation = Conversation.objects.create(**place)
    asked = Message.objects.create(conversation=conversation, role=Message.Role.USER, parts=[])
    answer = Message.objects.create(conversation=conversation, parent=asked, role=Message.Role.ASSISTANT, parts=[])
    Conversation.objects.filter(id=conversation.id).update(head=answer)
    facts = {"organization_id": cast.organization.id, "user_id": cast.bob.user_id, "worker_id": uuid.uuid4()}
    claimed = {"state": State.RUNNING, "epoch": 1, "claimed_at": began - timedelta(seconds=2), **fields}
    generation = Generation.objects.create(message=answer, **facts, **claimed)
    saved = Checkpoint(generation_id=generation.id, epoch=1, sequence=3, parts=parts, first_token_at=began)
    assert checkpoint(saved)
    return conversation


def elapsed(cast: Cast, conversation: Conversation, *, reasoning: bool = True) -> float | None:
    shown = take_snapshot(cast.bob, conversation.id, Sight(reasoning=reasoning)).messages[-1]["parts"][-1]
    seconds: float | None = shown.get("elapsed")
    return seconds


def test_a_thought_that_goes_on_says_how_long_it_lasts_already(cast: Cast) -> None:
    conversation = thinking(cast, [THOUGHT], timezone.now() - timedelta(minutes=5))
    for reasoning in (True, False):
        assert 300 <= (elapsed(cast, conversation, reasoning=reasoning) or 0) < 400


def test_a_thought_that_is_gone_on_with_counts_what_it_had_lasted(cast: Cast) -> None:
    conversation = thinking(cast, [{**THOUGHT, "seconds": 100.0}], timezone.now() - timedelta(minutes=5))
    assert 400 <= (elapsed(cast, conversation) or 0) < 500


def test_nothing_is_said_of_a_thought_that_is_over_or_that_nobody_has_timed_yet(cast: Cast) -> None:
    began = timezone.now() - timedelta(minutes=5)
    assert elapsed(cast, thinking(cast, [THOUGHT, {"type": "text", "text": "So."}], began)) is None
    assert elapsed(cast, thinking(cast, [THOUGHT], began, claimed_at=timezone.now())) is None
