"""Keeping what was withheld, asking for a review, deciding: what each changes, and who may."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actions.members import change_role, deactivate_member
from accounts.errors import NoAccess
from accounts.models import Membership, Role
from audit.models import Event
from chat.actions.conversations import delete, restore
from chat.actions.decisions import Decision, decide, read
from chat.actions.generations import stop
from chat.actions.holds import lift, place
from chat.actions.prompts import regenerate, submit_prompt
from chat.actions.reviews import APPEALS_PER_HOUR, NOTE_CHARACTERS, appeal
from chat.errors import AlreadyDecided, ChatError, Invalid, NotFound, OwnMessage
from chat.models import DeletionCertificate, Generation, Job, Message, Review
from chat.page_facts import page_facts
from chat.prompts import history_of
from chat.retention.schedule import ask_nightly
from chat.review_queries import open_reviews, own_text, review_for, reviews_of
from chat.states import State
from chat.worker.claim import claim
from inference.models import LedgerEntry
from moderation.channel import Channel
from moderation.models import PolicyVersion
from moderation.verdict import Verdict
from tests.cast import Cast, make_cast
from tests.chat.retention.kept import run_retention
from tests.withheld import FOUND, Case, reviewer, withhold

PASS, AGREE = Decision(overturn=True, note="It is public."), Decision(overturn=False, note="It is not.")
HOLD, BLOCK = Verdict.HOLD, Verdict.BLOCK


@pytest.fixture
def cast(cast: Cast) -> Iterator[Cast]:
    """Nothing that a test writes is seen by a worker that is running: it would answer what is queued."""
    with transaction.atomic():
        yield cast
        transaction.set_rollback(True)


def _appeal(case: Case, by: Membership, note: str = "It is about a bird.") -> Review:
    return appeal(
        acting=by, conversation_id=case.review.conversation_id, message_id=case.review.message_id, note=note
    )


def _decide(case: Case, by: Membership, decision: Decision) -> Review:
    return decide(acting=by, review_id=case.review.id, decision=decision)


# Its author


def test_the_author_has_the_text_back_and_nobody_else(cast: Cast) -> None:
    case = withhold(cast.bob, Channel.PROMPT, BLOCK)
    place = (case.review.conversation_id, case.review.message_id)
    assert own_text(cast.bob, *place) == case.text
    for other in (cast.alice, cast.charlie, reviewer(cast.bob)):
        with pytest.raises(NotFound):
            own_text(other, *place)


def test_nothing_is_kept_where_the_policy_keeps_nothing(cast: Cast) -> None:
    case = withhold(cast.bob, Channel.PROMPT, BLOCK, keep=False)
    assert case.now.sealed == ""
    assert own_text(cast.bob, case.review.conversation_id, case.review.message_id) is None
    with pytest.raises(Invalid, match="could not read"):
        _appeal(case, cast.bob)


def test_the_withheld_part_of_an_answer_is_not_given_out(cast: Cast) -> None:
    case = withhold(cast.bob, Channel.ANSWER, BLOCK)
    with pytest.raises(NotFound):
        own_text(cast.bob, case.review.conversation_id, case.review.message_id)


def test_no_row_holds_the_text_in_the_clear(cast: Cast) -> None:
    case = withhold(cast.bob, Channel.PROMPT, BLOCK)
    _appeal(case, cast.bob)
    for row in (case.now, case.message, case.generation):
        assert FOUND not in str({field.name: getattr(row, field.attname) for field in row._meta.concrete_fields})
    assert not Event.objects.filter(organization_id=case.review.organization_id, facts__icontains="heron").exists()


def test_an_appeal_opens_a_review_once(cast: Cast) -> None:
    case = withhold(cast.bob, Channel.PROMPT, BLOCK)
    first, second = _appeal(case, cast.bob), _appeal(case, cast.bob, "Something else.")
    assert (first.state, second.state, case.now.appeal) == ("open", "open", "It is about a bird.")
    assert case.receipt["state"] == "open"
    asked = Event.objects.filter(action="moderation.review.asked", target_id=str(case.review.id))
    assert [event.actor_id for event in asked] == [cast.bob.user_id]


def test_nobody_appeals_for_somebody_else(cast: Cast) -> None:
    case = withhold(cast.bob, Channel.PROMPT, BLOCK)
    for other in (cast.alice, cast.charlie):
        with pytest.raises(NotFound):
            _appeal(case, other)


def test_a_note_has_a_limit_and_so_have_appeals(cast: Cast) -> None:
    case = withhold(cast.bob, Channel.PROMPT, BLOCK)
    with pytest.raises(Invalid, match="1,000 is the most"):
        _appeal(case, cast.bob, "x" * (NOTE_CHARACTERS + 1))
    for _ in range(APPEALS_PER_HOUR):
        _appeal(withhold(cast.bob, Channel.PROMPT, BLOCK), cast.bob)
    with pytest.raises(Invalid, match="Wait a while"):
        _appeal(case, cast.bob)


@pytest.mark.parametrize("verdict", [HOLD, BLOCK])
def test_a_prompt_that_was_withheld_is_not_answered_again_as_it_is(cast: Cast, verdict: Verdict) -> None:
    case = withhold(cast.bob, Channel.PROMPT, verdict)
    with pytest.raises(Invalid, match="edit it and send it again|Edit it and send it again"):
        regenerate(
            acting=cast.bob,
            conversation_id=case.review.conversation_id,
            message_id=case.review.message_id,
            answer_id=uuid.uuid4(),
        )


# Who may read and decide


def test_only_reviewers_read_and_every_reading_is_recorded(cast: Cast) -> None:
    case, rhea = withhold(cast.bob, Channel.PROMPT, HOLD), reviewer(cast.bob)
    found, withheld = read(acting=rhea, review_id=case.review.id)
    assert withheld is not None
    assert (found.id, withheld.text) == (case.review.id, case.text)
    event = Event.objects.get(action="moderation.review.read", target_id=str(case.review.id))
    assert (event.actor_id, event.facts["member"]) == (rhea.user_id, str(cast.bob.user_id))
    for other in (cast.alice, cast.bob, cast.charlie, reviewer(cast.charlie)):
        with pytest.raises(NotFound):
            read(acting=other, review_id=case.review.id)


def test_what_nobody_asked_about_is_not_for_reviewers(cast: Cast) -> None:
    case, rhea = withhold(cast.bob, Channel.PROMPT, BLOCK), reviewer(cast.bob)
    with pytest.raises(NotFound):
        review_for(rhea, case.review.id)
    assert not open_reviews(rhea).exists()
    _appeal(case, cast.bob)
    assert review_for(rhea, case.review.id).appeal == "It is about a bird."


def test_the_queue_has_no_texts_and_held_ones_first(cast: Cast) -> None:
    appealed, held = withhold(cast.bob, Channel.PROMPT, BLOCK), withhold(cast.bob, Channel.ANSWER, HOLD)
    _appeal(appealed, cast.bob)
    found = list(reviews_of(cast.alice))
    assert [one.id for one in found] == [held.review.id, appealed.review.id]
    assert {"sealed", "appeal", "decision"} <= found[0].get_deferred_fields()
    assert list(reviews_of(cast.bob)) == []


def test_a_deleted_conversation_is_reviewed_by_nobody_until_it_is_back(cast: Cast) -> None:
    case, rhea = withhold(cast.bob, Channel.PROMPT, HOLD), reviewer(cast.bob)
    delete(acting=cast.bob, conversation_id=case.review.conversation_id)
    with pytest.raises(NotFound):
        _decide(case, rhea, PASS)
    restore(acting=cast.bob, conversation_id=case.review.conversation_id)
    assert _decide(case, rhea, PASS).state == "overturned"


def test_nobody_decides_about_their_own(cast: Cast) -> None:
    rhea = reviewer(cast.bob)
    case = withhold(rhea, Channel.PROMPT, HOLD)
    with pytest.raises(OwnMessage):
        _decide(case, rhea, PASS)


@pytest.mark.parametrize("does", ["read", "decide"])
def test_the_right_to_review_is_proved_again_when_it_is_used(cast: Cast, does: str) -> None:
    case, rhea = withhold(cast.bob, Channel.PROMPT, HOLD), reviewer(cast.bob)
    change_role(acting=cast.alice, member=rhea, role=Role.MEMBER)
    with pytest.raises(NotFound):
        read(acting=rhea, review_id=case.review.id) if does == "read" else _decide(case, rhea, PASS)
    deactivate_member(acting=cast.alice, member=rhea)
    with pytest.raises(NoAccess):
        read(acting=rhea, review_id=case.review.id) if does == "read" else _decide(case, rhea, PASS)
    assert (case.now.state, case.shown) == ("open", "")


# What follows from a decision


def test_a_held_prompt_that_is_let_pass_is_queued_and_not_read_again(cast: Cast) -> None:
    case, rhea = withhold(cast.bob, Channel.PROMPT, HOLD), reviewer(cast.bob)
    _decide(case, rhea, PASS)
    message, generation = case.message, case.generation
    assert (message.release, case.shown) == ("released", case.text)
    assert (generation.state, generation.words) == (State.QUEUED, "")
    assert (case.receipt["state"], case.receipt["note"]) == ("overturned", "It is public.")
    assert LedgerEntry.objects.filter(generation_id=generation.id, outcome="reserved").exists()
    assert [turn.content for turn in history_of(case.review.conversation_id, message.id)] == [case.text]


def test_a_held_prompt_whose_policy_was_right_stays_back(cast: Cast) -> None:
    case, rhea = withhold(cast.bob, Channel.PROMPT, HOLD), reviewer(cast.bob)
    _decide(case, rhea, AGREE)
    assert (case.message.release, case.shown, case.generation.state) == ("withheld", "", State.WITHHELD)
    assert (case.receipt["state"], case.receipt["note"]) == ("upheld", "It is not.")


def test_a_held_answer_that_is_let_pass_goes_on_where_it_was_cut(cast: Cast) -> None:
    case, rhea = withhold(cast.bob, Channel.ANSWER, HOLD), reviewer(cast.bob)
    _decide(case, rhea, PASS)
    kinds = [part["type"] for part in case.message.parts]
    assert (kinds, case.shown, case.generation.state) == (["text", "notice"], f"Well: {case.text}", State.DONE)


def test_a_held_answer_whose_policy_was_right_ends_as_it_is(cast: Cast) -> None:
    case, rhea = withhold(cast.bob, Channel.ANSWER, HOLD), reviewer(cast.bob)
    _decide(case, rhea, AGREE)
    assert (case.shown, case.generation.state) == ("Well: ", State.WITHHELD)


def test_a_blocked_answer_that_is_let_pass_shows_its_end(cast: Cast) -> None:
    case, rhea = withhold(cast.bob, Channel.ANSWER, BLOCK), reviewer(cast.bob)
    _appeal(case, cast.bob)
    _decide(case, rhea, PASS)
    assert (case.shown, case.generation.state) == (f"Well: {case.text}", State.WITHHELD)


def test_a_blocked_prompt_that_is_let_pass_is_answered(cast: Cast) -> None:
    case, rhea = withhold(cast.bob, Channel.PROMPT, BLOCK), reviewer(cast.bob)
    _appeal(case, cast.bob)
    _decide(case, rhea, PASS)
    assert (case.message.release, case.shown) == ("released", case.text)
    queued = Generation.objects.get(message__parent=case.message, state=State.QUEUED)
    assert (queued.user_id, case.conversation.head_id) == (cast.bob.user_id, queued.message_id)


def test_a_blocked_prompt_is_only_put_back_when_its_author_has_gone_on(cast: Cast) -> None:
    case, rhea = withhold(cast.bob, Channel.PROMPT, BLOCK), reviewer(cast.bob)
    _appeal(case, cast.bob)
    made = submit_prompt(
        acting=cast.bob,
        conversation_id=case.review.conversation_id,
        message_id=uuid.uuid4(),
        parent_id=None,
        text="Something else.",
    )
    stop(acting=cast.bob, generation_id=made.generation_id)
    _decide(case, rhea, PASS)
    assert case.shown == case.text
    assert case.conversation.head_id == made.answer_id, "nobody is taken away from where they are"
    assert not Generation.objects.filter(message__parent=case.message, state=State.QUEUED).exists()


def test_a_held_prompt_does_not_make_a_second_answer_run(cast: Cast) -> None:
    case, rhea = withhold(cast.bob, Channel.PROMPT, HOLD), reviewer(cast.bob)
    submit_prompt(
        acting=cast.bob,
        conversation_id=case.review.conversation_id,
        message_id=uuid.uuid4(),
        parent_id=case.generation.message_id,
        text="Something else.",
    )
    _decide(case, rhea, PASS)
    assert (case.shown, case.generation.state) == (case.text, State.STOPPED)
    assert "Try again" in case.generation.words


def test_nothing_is_asked_for_somebody_who_has_left(cast: Cast) -> None:
    case, rhea = withhold(cast.bob, Channel.PROMPT, HOLD), reviewer(cast.bob)
    Membership.objects.filter(id=cast.bob.id).update(deactivated_at=timezone.now())
    _decide(case, rhea, PASS)
    assert case.generation.state == State.STOPPED


def test_what_a_policy_does_not_keep_is_gone_once_it_is_decided(cast: Cast) -> None:
    case, rhea = withhold(cast.bob, Channel.PROMPT, HOLD, keep=False), reviewer(cast.bob)
    assert case.now.sealed
    _decide(case, rhea, AGREE)
    assert case.now.sealed == ""


@pytest.mark.parametrize("what", ["conversation", "person", "organization"])
@pytest.mark.parametrize("decision", [PASS, AGREE])
def test_a_hold_keeps_what_a_policy_does_not_until_it_is_lifted(cast: Cast, decision: Decision, what: str) -> None:
    case, rhea = withhold(cast.bob, Channel.PROMPT, HOLD, keep=False), reviewer(cast.bob)
    Review.objects.filter(id=case.review.id).update(appeal="It is about a bird.")
    named = {
        "conversation": {"conversation_id": case.review.conversation_id},
        "person": {"user_id": cast.bob.user_id},
    }.get(what, {})
    hold = place(acting=cast.alice, reason="A dispute about the bird", **named)
    _decide(case, rhea, decision)
    run_retention(cast.bob)
    assert case.now.sealed == case.review.sealed
    lift(acting=cast.alice, hold_id=hold.id)
    assert case.now.sealed
    ask_nightly()
    assert Job.objects.filter(organization=cast.organization, kind="retention", state="queued").exists()
    run_retention(cast.bob)
    assert (case.now.sealed, case.now.appeal) == ("", "It is about a bird.")
    assert DeletionCertificate.objects.get(organization=cast.organization).counts == {"withheld_texts": 1}


def test_a_hold_on_something_else_keeps_nothing_of_it(cast: Cast) -> None:
    case, rhea = withhold(cast.bob, Channel.PROMPT, HOLD, keep=False), reviewer(cast.bob)
    place(acting=cast.alice, reason="A dispute about Alice", user_id=cast.alice.user_id)
    _decide(case, rhea, AGREE)
    assert case.now.sealed == ""


def test_what_a_policy_keeps_outlives_a_decision_and_a_run(cast: Cast) -> None:
    case, rhea = withhold(cast.bob, Channel.PROMPT, HOLD), reviewer(cast.bob)
    _decide(case, rhea, AGREE)
    run_retention(cast.bob)
    assert case.now.sealed


def test_a_golden_case_is_made_with_what_was_decided(cast: Cast) -> None:
    rhea = reviewer(cast.bob)
    for decision, expected in ((PASS, "allow"), (AGREE, "block")):
        case = withhold(cast.bob, Channel.PROMPT, BLOCK)
        _appeal(case, cast.bob)
        _decide(case, rhea, Decision(overturn=decision.overturn, case=f"About {FOUND}: {expected}"))
        draft = PolicyVersion.objects.filter(organization=cast.organization, state="draft").latest("number")
        assert {"text": f"About {FOUND}: {expected}", "channel": "prompt", "expect": expected}.items() <= (
            draft.document["cases"][-1].items()
        )


def test_its_author_is_told_afterwards(cast: Cast) -> None:
    case, rhea = withhold(cast.bob, Channel.PROMPT, HOLD), reviewer(cast.bob)
    assert page_facts(cast.bob).outcomes == []
    _decide(case, rhea, AGREE)
    assert [(one["review"], one["state"]) for one in page_facts(cast.bob).outcomes] == [
        (str(case.review.id), "upheld")
    ]
    assert page_facts(cast.alice).outcomes == []
    event = Event.objects.get(action="moderation.review.upheld", target_id=str(case.review.id))
    assert event.actor_id == rhea.user_id


# Any order, and at once


def test_of_several_reviewers_at_once_one_decides_and_the_others_are_told(lasting: None) -> None:
    bob = make_cast().bob
    case = withhold(bob, Channel.PROMPT, HOLD)
    people = [reviewer(bob, name) for name in ("Rhea", "Ravi", "Rosa", "Rene")]

    def one(at: int) -> str:
        try:
            return _decide(case, people[at], PASS if at % 2 else AGREE).state
        except AlreadyDecided as error:
            return error.words
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(people)) as pool:
        found = list(pool.map(one, range(len(people))))
    decided = [words for words in found if words in ("upheld", "overturned")]
    assert decided == [case.now.state]
    assert all("has decided about this meanwhile" in words for words in found if words not in decided)
    assert case.shown == (case.text if case.now.state == "overturned" else "")


STEPS = (
    "appeal",
    "agree",
    "pass",
    "agree again",
    "pass again",
    "stop",
    "delete",
    "restore",
    "regenerate",
    "ask",
    "work",
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    channel=st.sampled_from([Channel.PROMPT, Channel.ANSWER]),
    verdict=st.sampled_from([HOLD, BLOCK]),
    steps=st.lists(st.sampled_from(STEPS), min_size=2, max_size=9),
)
def test_in_any_order_a_text_is_let_out_at_most_once_and_never_after_it_was_upheld(
    cast: Cast, channel: Channel, verdict: Verdict, steps: list[str]
) -> None:
    with transaction.atomic():
        case = withhold(cast.bob, channel, verdict)
        people = (reviewer(cast.bob), reviewer(cast.bob, "Ravi"))
        decisions = 0
        for step in steps:
            before = case.now.state
            _take(step, case, cast.bob, people)
            after = case.now.state
            decisions += before in ("kept", "open") and after in ("upheld", "overturned")
            assert before not in ("upheld", "overturned") or after == before, "a decision stands"
            assert case.shown.count(case.text) == (1 if after == "overturned" else 0)
            active = Generation.objects.filter(
                message__conversation_id=case.review.conversation_id, state__in=(State.QUEUED, State.RUNNING)
            )
            assert active.count() <= 1
        assert decisions <= 1
        transaction.set_rollback(True)


def _take(step: str, case: Case, author: Membership, people: tuple[Membership, Membership]) -> None:
    conversation_id = case.review.conversation_id
    try:
        match step.split():
            case ["appeal"]:
                _appeal(case, author)
            case ["agree" | "pass" as what, *again]:
                _decide(case, people[len(again)], PASS if what == "pass" else AGREE)
            case ["stop"]:
                stop(acting=author, generation_id=case.review.generation_id)
            case ["delete"]:
                delete(acting=author, conversation_id=conversation_id)
            case ["restore"]:
                restore(acting=author, conversation_id=conversation_id)
            case ["regenerate"]:
                prompt = Message.objects.get(conversation_id=conversation_id, role="user", parent=None)
                regenerate(
                    acting=author, conversation_id=conversation_id, message_id=prompt.id, answer_id=uuid.uuid4()
                )
            case ["ask"]:
                submit_prompt(
                    acting=author,
                    conversation_id=conversation_id,
                    message_id=uuid.uuid4(),
                    parent_id=case.conversation.head_id,
                    text="And then?",
                )
            case ["work"]:
                claim(uuid.uuid4(), {None: 5}, None)
    except ChatError:
        # Refused, which is an answer too.
        return
