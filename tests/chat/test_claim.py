"""What a worker takes: by model, oldest first, and never for an organization that does not have the model now."""

from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from accounts.models import Membership
from chat.actions.prompts import submit_prompt
from chat.models import Generation, Message
from chat.states import State
from chat.worker.claim import UNREADABLE, claim
from inference.models import ChatModel, LedgerEntry, Preset
from tests.cast import Cast, make_cast


@pytest.fixture
def people(db: None) -> Cast:
    """The usual people, and nothing that waits but what a test asks for."""
    Generation.objects.filter(state=State.QUEUED).update(state=State.STOPPED)
    return make_cast()


def model(*, for_everyone: bool = True) -> ChatModel:
    return ChatModel.objects.create(name=f"Model {uuid.uuid4()}", for_everyone=for_everyone)


def ask(member: Membership, chosen: ChatModel | None = None) -> uuid.UUID:
    """Ask with a model, None for the default one; return the generation's id."""
    made = submit_prompt(
        acting=member, conversation_id=uuid.uuid4(), message_id=uuid.uuid4(), parent_id=None, text="Hello"
    )
    Generation.objects.filter(id=made.generation_id).update(chat_model=chosen, queued_at=timezone.now())
    return made.generation_id


def test_each_model_has_its_own_room(people: Cast) -> None:
    busy, idle = model(), model()
    first, _, third = ask(people.bob, busy), ask(people.bob, busy), ask(people.bob, idle)
    # Where there is a line, its turn comes after those that wait for nobody.
    taken = [
        *claim(uuid.uuid4(), {busy.id: 1, idle.id: 5}, None),
        *claim(uuid.uuid4(), {busy.id: 1, idle.id: 5}, None),
    ]
    assert {one.generation_id: one.model_id for one in taken} == {first: busy.id, third: idle.id}
    assert claim(uuid.uuid4(), {idle.id: 5}, None) == []


def test_what_names_no_model_is_of_the_default_one(people: Cast) -> None:
    default = model()
    open_, named = ask(people.bob), ask(people.bob, default)
    taken = claim(uuid.uuid4(), {default.id: 5}, default.id)
    assert [(one.generation_id, one.model_id) for one in taken] == [(open_, default.id), (named, default.id)]


def test_what_cannot_be_read_fails_alone(people: Cast) -> None:
    chosen = model()
    strange, well = ask(people.bob, chosen), ask(people.bob, chosen)
    Message.objects.filter(children__generation=strange).update(parts=[{"type": "text"}])
    taken = claim(uuid.uuid4(), {chosen.id: 5}, None)
    assert [one.generation_id for one in taken] == [well]
    ended = Generation.objects.get(id=strange)
    assert (ended.state, ended.words) == (State.FAILED, UNREADABLE)
    assert LedgerEntry.objects.get(generation_id=strange).outcome == "failed"


@pytest.mark.parametrize("kept", [{"options": {"preset": "no id"}}, {"caps": {"unknown": 1}}])
def test_what_the_database_or_a_reader_refuses_fails_alone(people: Cast, kept: dict[str, object]) -> None:
    chosen = model()
    # The database looks at the assistant's id only where there are assistants.
    Preset.objects.create(organization=people.organization, name="Clerk")
    before, strange, after = (ask(people.bob, chosen) for _ in range(3))
    Generation.objects.filter(id=strange).update(**kept)
    taken = claim(uuid.uuid4(), {chosen.id: 5}, None)
    assert [one.generation_id for one in taken] == [before, after]
    ended = Generation.objects.get(id=strange)
    assert (ended.state, ended.words) == (State.FAILED, UNREADABLE)
    assert LedgerEntry.objects.get(generation_id=strange).outcome == "failed"


def test_without_any_default_it_is_taken_to_fail(people: Cast) -> None:
    asked = ask(people.bob)
    assert claim(uuid.uuid4(), {model().id: 5}, None) == []
    taken = claim(uuid.uuid4(), {None: 5}, None)
    assert [(one.generation_id, one.model_id, one.may_ask) for one in taken] == [(asked, None, False)]


def test_the_right_to_a_model_is_proved_when_it_is_taken(people: Cast) -> None:
    chosen = model(for_everyone=False)
    chosen.organizations.add(people.organization)
    ours, theirs = ask(people.bob, chosen), ask(people.charlie, chosen)
    taken = claim(uuid.uuid4(), {chosen.id: 5}, None)
    assert {one.generation_id: one.may_ask for one in taken} == {ours: True, theirs: False}


@pytest.mark.parametrize("change", [{"enabled": False}, {"removed": True}, {"withdrawn": True}])
def test_a_model_that_is_gone_by_then_may_not_be_asked(people: Cast, change: dict[str, bool]) -> None:
    chosen = model(for_everyone=False)
    chosen.organizations.add(people.organization)
    asked = ask(people.bob, chosen)
    if change.get("withdrawn"):
        chosen.organizations.clear()
    else:
        chosen.enabled = change.get("enabled", True)
        chosen.removed_at = timezone.now() if change.get("removed") else None
        chosen.save()
    taken = claim(uuid.uuid4(), {chosen.id: 5}, None)
    assert [(one.generation_id, one.may_ask) for one in taken] == [(asked, False)]
