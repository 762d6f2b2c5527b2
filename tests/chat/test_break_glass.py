"""Break-glass from the request to its end: two people, refusals, expiry, and an entry for each page."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.errors import NotAllowed
from accounts.models import FeatureSwitch, Membership, Role
from audit.models import Event
from chat.actions.break_glass import approve, ask, close, refuse, see, set_rules
from chat.actions.generations import stop
from chat.actions.prompts import submit_prompt
from chat.break_glass import ANSWERED_WITHIN, PER_PAGE, conversation_under_glass, conversations_by, readings_of
from chat.errors import Invalid, NotFound, NotOffered
from chat.models import BreakGlass, Conversation, Generation, Message
from chat.states import State
from tests.cast import Cast, join, make_cast, person
from tests.chat.history import message
from tests.withheld import reviewer

REASON = "A complaint about harassment, case 12"
TEXT = "Nobody else may read this"


@pytest.fixture
def people(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def rita(people: Cast) -> Membership:
    """The reviewer who asks."""
    return reviewer(people.alice)


def talked(member: Membership, exchanges: int = 1) -> Conversation:
    """Store a conversation of which the last message is shown, with the branch before it."""
    found = Conversation.objects.create(organization_id=member.organization_id, owner_id=member.user_id, title="Mine")
    last: Message | None = None
    for number in range(exchanges):
        for role in (Message.Role.USER, Message.Role.ASSISTANT):
            said = message(found, [{"type": "text", "text": f"{TEXT} {number}"}], timezone.now(), role)
            Message.objects.filter(id=said.id).update(parent=last)
            last = said
    Conversation.objects.filter(id=found.id).update(head=last)
    return found


def asked(acting: Membership, conversation: Conversation, **more: Any) -> BreakGlass:
    return ask(acting=acting, conversation_id=conversation.id, **{"reason": REASON, "hours": 2, **more})


def actions_about(glass: BreakGlass) -> list[str]:
    found = Event.objects.filter(target_id=str(glass.id)).order_by("at", "id")
    return [action.removeprefix("chat.break_glass.") for action in found.values_list("action", flat=True)]


def test_two_people_and_a_page_at_a_time(people: Cast, rita: Membership) -> None:
    conversation = talked(people.bob, exchanges=PER_PAGE)
    glass = asked(rita, conversation)
    with pytest.raises(NotFound):
        conversation_under_glass(rita, glass.id)
    approve(acting=people.alice, glass_id=glass.id)
    first, second = (conversation_under_glass(rita, glass.id, number) for number in (1, 2))
    assert (first.pages, len(first.messages), len(second.messages)) == (2, PER_PAGE, PER_PAGE)
    texts = [one.parts[0]["text"] for one in (*first.messages, *second.messages)]
    assert texts == [f"{TEXT} {number}" for number in range(PER_PAGE) for _ in "ab"]
    glass.refresh_from_db()
    assert glass.pages_read == 2
    assert actions_about(glass) == ["requested", "opened", "page_read", "page_read"]
    read = Event.objects.filter(target_id=str(glass.id), action="chat.break_glass.page_read").order_by("facts__page")
    assert [(one.actor_id, one.facts["page"]) for one in read] == [(rita.user_id, 1), (rita.user_id, 2)]
    assert TEXT not in str(list(Event.objects.values_list("facts", flat=True)))


def test_nobody_but_who_asked_reads(people: Cast, rita: Membership) -> None:
    glass = asked(rita, talked(people.bob))
    approve(acting=people.alice, glass_id=glass.id)
    for other in (people.alice, people.bob, people.charlie, reviewer(people.alice)):
        with pytest.raises(NotFound):
            conversation_under_glass(other, glass.id)
    Membership.objects.filter(id=rita.id).update(role=Role.MEMBER)
    rita.refresh_from_db()
    with pytest.raises(NotFound):
        conversation_under_glass(rita, glass.id)


def test_neither_who_asked_nor_whom_it_is_about_can_answer(people: Cast, rita: Membership) -> None:
    about_admin = asked(rita, talked(people.alice))
    with pytest.raises(NotFound):
        approve(acting=people.alice, glass_id=about_admin.id)
    mine = asked(people.alice, talked(people.bob))
    with pytest.raises(Invalid, match="Somebody else"):
        approve(acting=people.alice, glass_id=mine.id)
    with pytest.raises(NotAllowed):
        approve(acting=people.bob, glass_id=mine.id)
    with pytest.raises(NotFound):
        approve(acting=people.charlie, glass_id=mine.id)
    approve(acting=rita, glass_id=mine.id)


def test_whom_it_is_about_cannot_end_it(people: Cast, rita: Membership) -> None:
    other = join(people.organization, person("Olga"), Role.ADMIN)
    glass = asked(rita, talked(people.alice))
    approve(acting=other, glass_id=glass.id)
    with pytest.raises(Invalid, match="Somebody else"):
        close(acting=people.alice, glass_id=glass.id)
    assert conversation_under_glass(rita, glass.id)


def test_a_refused_one_stays_shut(people: Cast, rita: Membership) -> None:
    glass = asked(rita, talked(people.bob))
    refuse(acting=people.alice, glass_id=glass.id)
    for answer in (approve, refuse):
        with pytest.raises(Invalid, match="Nothing was changed"):
            answer(acting=people.alice, glass_id=glass.id)
    with pytest.raises(NotFound):
        conversation_under_glass(rita, glass.id)
    assert actions_about(glass) == ["requested", "refused"]
    assert not readings_of(people.bob).exists()


def test_its_time_is_over_without_a_job(people: Cast, rita: Membership) -> None:
    glass = asked(rita, talked(people.bob))
    approve(acting=people.alice, glass_id=glass.id)
    BreakGlass.objects.filter(id=glass.id).update(ends_at=timezone.now())
    with pytest.raises(NotFound):
        conversation_under_glass(rita, glass.id)
    glass.refresh_from_db()
    assert (glass.state, glass.pages_read) == ("open", 0)


def test_a_request_that_nobody_answers_lapses(people: Cast, rita: Membership) -> None:
    glass = asked(rita, talked(people.bob))
    BreakGlass.objects.filter(id=glass.id).update(created_at=timezone.now() - ANSWERED_WITHIN)
    with pytest.raises(Invalid, match="too old"):
        approve(acting=people.alice, glass_id=glass.id)


def test_closing_ends_it_at_once(people: Cast, rita: Membership) -> None:
    glass = asked(rita, talked(people.bob))
    approve(acting=people.alice, glass_id=glass.id)
    close(acting=people.alice, glass_id=glass.id)
    with pytest.raises(NotFound):
        conversation_under_glass(rita, glass.id)
    assert actions_about(glass) == ["requested", "opened", "closed"]


def test_without_a_second_person_it_opens_at_once(people: Cast, rita: Membership) -> None:
    set_rules(acting=people.alice, second_person=False, notice="now", most_hours=5)
    glass = asked(rita, talked(people.bob))
    assert (glass.state, glass.decided_by) == ("open", None)
    assert conversation_under_glass(rita, glass.id).messages
    with pytest.raises(Invalid, match="1 to 5 hours"):
        asked(rita, talked(people.bob), hours=6)


@pytest.mark.parametrize("notice", ["now", "after"])
def test_the_member_is_told(people: Cast, rita: Membership, notice: str) -> None:
    set_rules(acting=people.alice, second_person=True, notice=notice, most_hours=5)
    glass = asked(rita, talked(people.bob))
    assert not readings_of(people.bob).exists(), "nothing was read yet"
    approve(acting=people.alice, glass_id=glass.id)
    assert readings_of(people.bob).exists() == (notice == "now")
    glass.refresh_from_db()
    BreakGlass.objects.filter(id=glass.id, noticed_at=glass.ends_at).update(noticed_at=timezone.now())
    assert readings_of(people.bob).get().reason == REASON
    assert (see(acting=people.bob), see(acting=people.bob)) == (1, 0)
    assert actions_about(glass)[-1] == "seen"


def test_closing_brings_a_later_notice_forward(people: Cast, rita: Membership) -> None:
    set_rules(acting=people.alice, second_person=False, notice="after", most_hours=5)
    glass = asked(rita, talked(people.bob))
    assert not readings_of(people.bob).exists()
    close(acting=rita, glass_id=glass.id)
    assert readings_of(people.bob).exists()


def test_who_may_ask_for_what(people: Cast, rita: Membership) -> None:
    conversation = talked(people.bob)
    with pytest.raises(NotAllowed):
        asked(people.bob, talked(people.alice))
    with pytest.raises(Invalid, match="no conversation"):
        asked(rita, talked(people.charlie))
    with pytest.raises(Invalid, match="of your own"):
        asked(people.alice, talked(people.alice))
    with pytest.raises(Invalid, match="Say why"):
        asked(rita, conversation, reason="because")
    asked(rita, conversation)
    with pytest.raises(Invalid, match="already"):
        asked(rita, conversation)
    FeatureSwitch.objects.create(organization=people.organization, name="break-glass", is_on=False)
    with pytest.raises(NotOffered):
        asked(rita, talked(people.bob))


def test_what_no_policy_has_judged_is_not_read(people: Cast, rita: Membership) -> None:
    made = submit_prompt(
        acting=people.bob, conversation_id=uuid.uuid4(), message_id=uuid.uuid4(), parent_id=None, text=TEXT
    )
    conversation, answer = (
        Conversation.objects.get(id=made.conversation_id),
        Message.objects.filter(id=made.answer_id),
    )
    glass = asked(rita, conversation)
    approve(acting=people.alice, glass_id=glass.id)
    assert _read(rita, glass) == [[], []]
    Message.objects.filter(id=made.message_id).update(release=Message.Release.RELEASED)
    answer.update(parts=[{"type": "text", "text": "shown before its verdict"}])
    assert _read(rita, glass) == [[TEXT], []], "an answer that is being written may be taken back"
    Generation.objects.filter(message=made.answer_id).update(state=State.DONE)
    assert _read(rita, glass) == [[TEXT], ["shown before its verdict"]]


def test_a_prompt_that_was_stopped_in_line_is_not_read(people: Cast, rita: Membership) -> None:
    made = submit_prompt(
        acting=people.bob, conversation_id=uuid.uuid4(), message_id=uuid.uuid4(), parent_id=None, text=TEXT
    )
    stop(acting=people.bob, generation_id=made.generation_id)
    glass = asked(rita, Conversation.objects.get(id=made.conversation_id))
    approve(acting=people.alice, glass_id=glass.id)
    assert _read(rita, glass)[0] == []


def _read(acting: Membership, glass: BreakGlass) -> list[list[str]]:
    return [[part["text"] for part in one.parts] for one in conversation_under_glass(acting, glass.id).messages]


def test_switched_off_means_for_what_is_open_too(people: Cast, rita: Membership) -> None:
    glass = asked(rita, talked(people.bob))
    approve(acting=people.alice, glass_id=glass.id)
    FeatureSwitch.objects.create(organization=people.organization, name="break-glass", is_on=False)
    with pytest.raises(NotFound):
        conversation_under_glass(rita, glass.id)


def test_what_its_owner_deleted_can_be_read_while_it_is_kept(people: Cast, rita: Membership) -> None:
    conversation = talked(people.bob)
    Conversation.objects.filter(id=conversation.id).update(deleted_at=timezone.now())
    glass = asked(rita, conversation)
    approve(acting=people.alice, glass_id=glass.id)
    assert conversation_under_glass(rita, glass.id).messages
    Conversation.objects.filter(id=conversation.id).delete()
    with pytest.raises(NotFound):
        conversation_under_glass(rita, glass.id)


def test_conversations_are_found_without_a_word_of_them(people: Cast, rita: Membership) -> None:
    conversation = talked(people.bob, exchanges=3)
    found = conversations_by(rita, people.bob.user_id).get()
    assert (found.id, found.messages_count) == (conversation.id, 6)  # type: ignore[attr-defined]
    assert found.get_deferred_fields() >= {"title", "options"}
    for other in (people.bob, people.charlie, reviewer(people.charlie)):
        assert not conversations_by(other, people.bob.user_id).exists()


def test_a_change_of_rules_is_recorded(people: Cast, rita: Membership) -> None:
    with pytest.raises(NotAllowed):
        set_rules(acting=rita, second_person=False, notice="now", most_hours=1)
    for notice, hours in (("never", 1), ("now", 0), ("now", 169)):
        with pytest.raises(Invalid):
            set_rules(acting=people.alice, second_person=True, notice=notice, most_hours=hours)
    set_rules(acting=people.alice, second_person=False, notice="after", most_hours=8)
    place = str(people.organization.id)
    facts = Event.objects.get(action="chat.break_glass.rules_changed", target_id=place).facts
    assert (facts["second_person_before"], facts["second_person_after"]) == (True, False)
    assert (facts["notice_before"], facts["notice_after"]) == ("now", "after")


def test_hours_count_from_the_opening(people: Cast, rita: Membership) -> None:
    glass = asked(rita, talked(people.bob), hours=3)
    BreakGlass.objects.filter(id=glass.id).update(created_at=timezone.now() - timedelta(days=2))
    opened = approve(acting=people.alice, glass_id=glass.id)
    assert opened.opened_at is not None and opened.ends_at is not None
    assert opened.ends_at - opened.opened_at == timedelta(hours=3)
