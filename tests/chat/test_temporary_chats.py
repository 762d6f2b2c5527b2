"""A temporary chat is in no list, no search, no export and no backtest, and has no title; policy and quotas hold."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import FeatureSwitch, Membership
from chat import frames, titles
from chat.actions.conversations import pin, rename
from chat.actions.prompts import submit_prompt
from chat.backtesting.scope import messages_of
from chat.errors import Invalid, NotOffered
from chat.exports.kind import exportable
from chat.models import Backtest, Conversation, Generation, Message
from chat.page_facts import page_facts
from chat.queries import conversation_for, listing
from chat.requests import parse_send
from chat.states import State
from chat.temporary import temporary_facts
from chat.wish import Wish
from inference.models import LedgerEntry
from tests.cast import Cast, make_cast
from tests.chat.history import policy, version


@pytest.fixture
def people(db: None) -> Cast:
    return make_cast()


def begun(member: Membership, *, temporary: bool = True) -> Conversation:
    """Begin a conversation as a page does."""
    made = submit_prompt(
        acting=member,
        conversation_id=uuid.uuid4(),
        message_id=uuid.uuid4(),
        parent_id=None,
        text="Hello",
        wish=Wish(temporary=temporary),
    )
    Generation.objects.filter(id=made.generation_id).update(
        state=State.DONE, ended_at=timezone.now() - timedelta(hours=1)
    )
    Message.objects.filter(conversation_id=made.conversation_id).update(release=Message.Release.RELEASED)
    return Conversation.objects.get(id=made.conversation_id)


def test_it_is_in_no_list_search_or_export(people: Cast) -> None:
    chat, other = begun(people.bob), begun(people.bob, temporary=False)
    Conversation.objects.filter(id=chat.id).update(title="Hello")
    assert [one.id for one in listing(people.bob)] == [other.id]
    assert [one.id for one in listing(people.bob, "Hell")] == []
    assert [one.id for one in exportable(people.bob)] == [other.id]
    assert conversation_for(people.bob, chat.id) == chat


def test_no_title_is_asked_for(people: Cast) -> None:
    chat, other = begun(people.bob), begun(people.bob, temporary=False)
    waiting = titles.untitled(limit=1000)
    assert (chat.id in waiting, other.id in waiting) == (False, True)
    titles.give_title(chat.id)
    assert Conversation.objects.get(id=chat.id).title == ""
    assert not LedgerEntry.objects.filter(conversation_id=chat.id, purpose=LedgerEntry.Purpose.TITLE).exists()
    for change in (
        lambda: rename(acting=people.bob, conversation_id=chat.id, title="Mine"),
        lambda: _pin(people, chat),
    ):
        with pytest.raises(Invalid, match="in no list"):
            change()


def _pin(people: Cast, chat: Conversation) -> None:
    pin(acting=people.bob, conversation_id=chat.id, pinned=True)


def test_no_backtest_reads_it(people: Cast) -> None:
    chat, other = begun(people.bob), begun(people.bob, temporary=False)
    now = timezone.now()
    test = Backtest(
        organization=people.organization,
        version=version(people.alice, 1, policy()),
        since=now - timedelta(days=1),
        until=now + timedelta(days=1),
    )
    read = {one.conversation_id for one in messages_of(test)}
    assert (chat.id in read, other.id in read) == (False, True)


def test_what_it_costs_is_reserved_all_the_same(people: Cast) -> None:
    chat = begun(people.bob)
    assert LedgerEntry.objects.filter(conversation_id=chat.id, purpose=LedgerEntry.Purpose.ANSWER).exists()


def test_a_page_is_told_that_it_is_one(people: Cast) -> None:
    chat, other = begun(people.bob), begun(people.bob, temporary=False)
    assert frames.conversation(chat)["temporary"] == chat.created_at.isoformat()
    assert "temporary" not in frames.conversation(other)
    assert temporary_facts(page_facts(people.bob)) == {"offered": True, "hours": 24}


def test_the_operator_can_switch_them_off(people: Cast) -> None:
    FeatureSwitch.objects.create(organization=people.organization, name="temporary-chats", is_on=False)
    with pytest.raises(NotOffered, match="switched off"):
        begun(people.bob)
    assert temporary_facts(page_facts(people.bob))["offered"] is False


def test_what_a_browser_sends(people: Cast) -> None:
    asked = {"conversation": str(uuid.uuid4()), "message": str(uuid.uuid4()), "parent": None, "text": "Hello"}
    assert parse_send(asked).wish.temporary is False
    assert parse_send({**asked, "temporary": True}).wish.temporary is True
    for wrong in (1, "true", None):
        with pytest.raises(Invalid, match="true or false"):
            parse_send({**asked, "temporary": wrong})
