"""A conversation that is deleted has nothing written in it any more."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from django.db import connections, transaction
from django.utils import timezone

from audit.models import Event
from chat.actions.conversations import delete, pin, rename, restore, select_branch
from chat.actions.generations import STOPPED_IN_LINE, continue_answer
from chat.actions.holds import place
from chat.actions.prompts import submit_prompt
from chat.errors import NotFound
from chat.models import Conversation, Generation, Message
from chat.states import State
from inference.models import LedgerEntry
from tests.cast import Cast, make_cast
from tests.chat.retention.kept import aged, keep_for, run_retention
from tests.database import somebody_waits
from tests.rows import answer_of
from tests.site import wait_until


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
    Generation.objects.filter(user_id=bobs.bob.user_id).update(state=State.RUNNING, claimed_at=timezone.now())
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


def interrupted(cast: Cast) -> Generation:
    """Return an answer of Bob's whose worker died."""
    return answer_of(cast, state=State.INTERRUPTED, epoch=2, ended_at=timezone.now())


def test_who_goes_on_while_the_conversation_is_being_deleted_finds_none(cast: Cast) -> None:
    left = interrupted(cast)

    def go_on() -> None:
        try:
            continue_answer(acting=cast.bob, generation_id=left.id)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            delete(acting=cast.bob, conversation_id=left.message.conversation_id)
            going = pool.submit(go_on)
            wait_until(somebody_waits, "a lock that is waited for")
        with pytest.raises(NotFound):
            going.result(60)
    left.refresh_from_db()
    assert left.state == State.INTERRUPTED


CHANGES: dict[str, Callable[..., object]] = {
    "rename": partial(rename, title="Rivers"),
    "pin": partial(pin, pinned=True),
    "delete": delete,
    "restore": restore,
}


@pytest.mark.parametrize("change", CHANGES)
def test_who_changes_a_conversation_while_it_is_deleted_for_good_finds_none(cast: Cast, change: str) -> None:
    chat = Conversation.objects.create(
        organization_id=cast.organization.id,
        owner_id=cast.bob.user_id,
        deleted_at=timezone.now() if change == "restore" else None,
    )
    assert meeting(partial(CHANGES[change], acting=cast.bob, conversation_id=chat.id), chat.delete)
    assert not Event.objects.filter(target_id=str(chat.id)).exists()


@pytest.mark.parametrize("change", ["rename", "pin"])
def test_who_changes_a_conversation_while_it_is_deleted_finds_none(cast: Cast, change: str) -> None:
    chat = Conversation.objects.create(organization_id=cast.organization.id, owner_id=cast.bob.user_id)
    deleting = partial(delete, acting=cast.bob, conversation_id=chat.id)
    assert meeting(partial(CHANGES[change], acting=cast.bob, conversation_id=chat.id), deleting)
    chat.refresh_from_db()
    assert (chat.title, chat.pinned_at) == ("", None)


def test_a_branch_is_not_chosen_in_what_is_deleted_meanwhile(cast: Cast) -> None:
    chat = interrupted(cast).message.conversation
    asked = chat.messages.get(role=Message.Role.USER)
    choosing = partial(select_branch, acting=cast.bob, conversation_id=chat.id, message_id=asked.id)
    assert meeting(choosing, partial(delete, acting=cast.bob, conversation_id=chat.id))


def meeting(change: Callable[[], object], deletion: Callable[[], object]) -> bool:
    """Begin a change while a deletion is under way; say that it found nothing."""

    def changing() -> None:
        try:
            change()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            deletion()
            going = pool.submit(changing)
            wait_until(somebody_waits, "a change that waits for the deletion")
        return isinstance(going.exception(60), NotFound)


def test_what_only_a_hold_keeps_is_gone_for_its_owner(bobs: Cast) -> None:
    place(acting=bobs.alice, reason="A dispute about it", user_id=bobs.bob.user_id)
    kept, late = deleted(bobs, days=9), deleted(bobs, days=7.5)
    run_retention(bobs.bob)
    with pytest.raises(NotFound, match="gone for good"):
        restore(acting=bobs.bob, conversation_id=kept.id)
    kept.refresh_from_db()
    assert kept.deleted_at is not None
    # No nightly run has deleted it for certain: then nobody learns from an undo that there is a hold.
    assert restore(acting=bobs.bob, conversation_id=late.id).deleted_at is None


def test_where_what_is_deleted_goes_the_next_night_it_can_be_undone_until_then(bobs: Cast) -> None:
    keep_for(bobs.bob, deleted_days=0)
    place(acting=bobs.alice, reason="A dispute about it", user_id=bobs.bob.user_id)
    chat = deleted(bobs, days=0.1)
    assert restore(acting=bobs.bob, conversation_id=chat.id).deleted_at is None


def deleted(cast: Cast, days: float) -> Conversation:
    """Return a conversation that Bob deleted so long ago."""
    return aged(cast.bob, days, deleted_at=timezone.now() - timedelta(days=days))
