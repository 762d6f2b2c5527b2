"""A conversation that is deleted has nothing written in it any more."""

from __future__ import annotations

import uuid

import pytest

from audit.models import Event
from chat.actions.conversations import delete, restore
from chat.actions.generations import STOPPED_IN_LINE
from chat.actions.prompts import submit_prompt
from chat.models import Conversation, Generation
from chat.states import State
from inference.models import LedgerEntry
from tests.cast import Cast, make_cast


@pytest.fixture
def bobs(db: None) -> Cast:
    return make_cast()


def asked(cast: Cast) -> Generation:
    made = submit_prompt(
        acting=cast.bob, conversation_id=uuid.uuid4(), message_id=uuid.uuid4(), parent_id=None, text="Hello"
    )
    return Generation.objects.select_related("message").get(id=made.generation_id)


def test_an_answer_that_nobody_has_begun_ends(bobs: Cast) -> None:
    queued = asked(bobs)
    delete(acting=bobs.bob, conversation_id=queued.message.conversation_id)
    queued.refresh_from_db()
    assert (queued.state, queued.words) == (State.STOPPED, STOPPED_IN_LINE)
    assert LedgerEntry.objects.get(generation_id=queued.id).outcome == "stopped"
    assert restore(acting=bobs.bob, conversation_id=queued.message.conversation_id).deleted_at is None


def test_an_answer_that_is_being_written_is_told_to_stop(bobs: Cast) -> None:
    running, elsewhere = asked(bobs), asked(bobs)
    Generation.objects.update(state=State.RUNNING)
    delete(acting=bobs.bob, conversation_id=running.message.conversation_id)
    for one in (running, elsewhere):
        one.refresh_from_db()
    assert running.stop_requested_at is not None
    assert elsewhere.stop_requested_at is None
    actions = Event.objects.filter(target_id=str(running.id)).values_list("action", flat=True)
    assert "chat.answer.stop_requested" in actions


def test_a_conversation_that_rests_is_only_deleted(bobs: Cast) -> None:
    done = asked(bobs)
    Generation.objects.filter(id=done.id).update(state=State.DONE)
    delete(acting=bobs.bob, conversation_id=done.message.conversation_id)
    done.refresh_from_db()
    assert (done.state, done.stop_requested_at) == (State.DONE, None)
    assert Conversation.objects.get(id=done.message.conversation_id).deleted_at is not None
