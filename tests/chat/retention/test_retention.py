"""What goes, what stays, and what the certificate says of it."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import NotAllowed
from audit.models import Event
from chat.actions.generations import stop
from chat.actions.holds import lift, place
from chat.actions.prompts import submit_prompt
from chat.actions.retention import set_rules
from chat.actions.reviews import appeal
from chat.errors import Invalid
from chat.jobs.kinds import Progress
from chat.models import Backtest, Conversation, DeletionCertificate, Generation, Job, LegalHold, Message, Review
from chat.retention.certificate import digest_of, document_of
from chat.retention.due import Kept
from chat.retention.job import Retention
from chat.retention.preview import preview
from chat.retention.rules import GRACE, Rules, rules_in_force
from chat.retention.schedule import NIGHT, ask_hourly, ask_nightly, first_run, night_after
from chat.states import State
from inference.models import LedgerEntry
from moderation.channel import Channel
from moderation.verdict import Verdict
from tests.cast import Cast, make_cast
from tests.chat.history import policy, version
from tests.chat.retention.kept import aged, is_there, keep_for, run_retention
from tests.database import race, somebody_waits
from tests.site import wait_until
from tests.withheld import withhold

REASON = "A dispute about the delivery of spring"
TIMES = st.none() | st.integers(min_value=1, max_value=1000)
RULES = st.builds(
    Rules, active_days=TIMES, pinned_days=TIMES, deleted_days=TIMES, temporary_hours=TIMES, review_days=TIMES
)


@pytest.fixture
def people(db: None) -> Cast:
    return make_cast()


def test_each_state_has_a_time_of_its_own(people: Cast) -> None:
    now = timezone.now()
    keep_for(people.bob, active_days=30, pinned_days=90, deleted_days=7, temporary_hours=5)
    gone = [
        aged(people.bob, 31),
        aged(people.bob, 91, pinned_at=now),
        aged(people.bob, 1, deleted_at=now - timedelta(days=8)),
        aged(people.bob, 0.25, is_temporary=True),
    ]
    left = [
        aged(people.bob, 29),
        aged(people.bob, 89, pinned_at=now),
        aged(people.bob, 100, deleted_at=now - timedelta(days=6)),
        aged(people.bob, 0.2, is_temporary=True),
        aged(people.charlie, 1000),
    ]
    job = run_retention(people.bob)
    assert not any(map(is_there, gone))
    assert all(map(is_there, left))
    certificate = DeletionCertificate.objects.get(job_id=job.id)
    each = {state.value: 1 for state in Kept}
    assert certificate.counts == {**each, "conversations": 4, "messages": 8}
    assert certificate.digest == digest_of(sorted(one.id for one in gone))
    assert certificate.rules == rules_in_force(people.organization.id, now).facts()
    assert (job.state, job.done, job.total) == ("done", 4, 4)
    event = Event.objects.get(target_id=str(certificate.id))
    assert (event.action, event.facts["conversations"]) == ("chat.retention.deleted", 4)
    assert document_of(certificate)["deleted"] == certificate.counts


def test_without_rules_only_what_was_deleted_and_temporary_chats_go(people: Cast) -> None:
    left = [aged(people.bob, 4000), aged(people.bob, 4000, pinned_at=timezone.now())]
    gone = [
        aged(people.bob, 9, deleted_at=timezone.now() - timedelta(days=8)),
        aged(people.bob, 2, is_temporary=True),
    ]
    run_retention(people.bob)
    assert all(map(is_there, left))
    assert not any(map(is_there, gone))


def test_the_hourly_run_is_about_temporary_chats_alone(people: Cast) -> None:
    keep_for(people.bob, active_days=30)
    old, temporary = aged(people.bob, 40), aged(people.bob, 2, is_temporary=True)
    run_retention(people.bob, only=Kept.TEMPORARY.value)
    assert (is_there(old), is_there(temporary)) == (True, False)


def test_the_clock_asks_where_there_is_something_to_do(people: Cast) -> None:
    assert (ask_nightly(), ask_hourly()) == (0, 0)
    aged(people.bob, 2, is_temporary=True)
    assert (ask_nightly(), ask_hourly()) == (1, 1)
    assert (ask_nightly(), ask_hourly()) == (1, 1), "the open ones are the same jobs"


def test_what_is_being_answered_waits_for_the_next_run(people: Cast) -> None:
    found = aged(people.bob, 2, is_temporary=True)
    answer = Message.objects.get(conversation=found, role="assistant")
    made = Generation.objects.create(
        message=answer,
        organization=people.organization,
        user=people.bob.user,
        state=State.RUNNING,
        claimed_at=timezone.now(),
    )
    assert run_retention(people.bob).state == "done"
    assert is_there(found)
    Generation.objects.filter(id=made.id).update(state=State.DONE)
    run_retention(people.bob)
    assert not is_there(found)


def test_what_is_sent_at_that_moment_is_answered_first(cast: Cast) -> None:
    found = aged(cast.bob, 2, is_temporary=True)
    head = Message.objects.get(conversation=found, role="assistant")
    is_sent = threading.Event()

    def sending() -> uuid.UUID:
        with transaction.atomic():
            made = submit_prompt(
                acting=cast.bob,
                conversation_id=found.id,
                message_id=uuid.uuid4(),
                parent_id=head.id,
                text="And then?",
            )
            is_sent.set()
            wait_until(somebody_waits, "the deletion that wants the conversation")
            return made.generation_id

    def deleting() -> Progress:
        assert is_sent.wait(60)
        with transaction.atomic():
            return Retention().turn(Job(kind="retention", organization=cast.organization))

    sent, deleted = race([sending, deleting])
    assert isinstance(deleted, Progress) and isinstance(sent, uuid.UUID)
    assert (deleted.done, deleted.is_finished) == (0, True)
    assert is_there(found)
    stop(acting=cast.bob, generation_id=sent)


def test_a_text_is_not_asked_about_while_it_is_erased(cast: Cast) -> None:
    keep_for(cast.bob, review_days=1)
    review = withhold(cast.bob, Channel.PROMPT, Verdict.BLOCK).review
    reviews = Review.objects.filter(id=review.id)
    reviews.update(created_at=timezone.now() - timedelta(days=2))
    is_erased = threading.Event()

    def erasing() -> None:
        with transaction.atomic():
            Retention().turn(Job(kind="retention", organization=cast.organization))
            is_erased.set()
            wait_until(somebody_waits, "the appeal")

    def appealing() -> None:
        assert is_erased.wait(60)
        with pytest.raises(Invalid, match="could not read this any more"):
            appeal(
                acting=cast.bob,
                conversation_id=review.conversation_id,
                message_id=review.message_id,
                note="It is about a bird.",
            )

    assert race([erasing, appealing]) == [None, None]
    assert reviews.values_list("state", "sealed", "appeal").get() == ("kept", "", "")


def test_ledger_and_record_stay(people: Cast) -> None:
    found = aged(people.bob, 9, deleted_at=timezone.now() - timedelta(days=8))
    LedgerEntry.objects.create(
        purpose="answer", organization_id=people.organization.id, conversation_id=found.id, answer_tokens=12
    )
    events = Event.objects.filter(organization_id=people.organization.id)
    before = events.count()
    run_retention(people.bob)
    assert LedgerEntry.objects.get(conversation_id=found.id).answer_tokens == 12
    assert events.count() == before + 1


def test_places_in_backtests_go_too(people: Cast) -> None:
    found = aged(people.bob, 9, deleted_at=timezone.now() - timedelta(days=8))
    gone, other = str(Message.objects.filter(conversation=found)[0].id), str(uuid.uuid4())
    now = timezone.now()
    places = {"names": [[gone, "prompt", 0, 1, 2, "new"], [other, "prompt", 0, 1, 2, "new"]]}
    test = Backtest.objects.create(
        organization=people.organization,
        version=version(people.alice, 1, policy()),
        since=now,
        until=now,
        result={"samples": places, "moves": {"allow>flag": 2}},
    )
    run_retention(people.bob)
    test.refresh_from_db()
    assert test.result == {"samples": {"names": places["names"][1:]}, "moves": {"allow>flag": 2}}


def test_withheld_text_goes_after_its_time_and_never_before_it_is_decided_about(people: Cast) -> None:
    keep_for(people.bob, review_days=10)
    decided, kept, new, open_ = (withhold(people.bob, Channel.PROMPT, Verdict.BLOCK).review for _ in range(4))
    long_ago = timezone.now() - timedelta(days=11)
    type(decided).objects.filter(id=decided.id).update(state="upheld", decided_at=long_ago)
    type(kept).objects.filter(id=kept.id).update(created_at=long_ago)
    type(open_).objects.filter(id=open_.id).update(created_at=long_ago, state="open")
    run_retention(people.bob)
    for one in (decided, kept, new, open_):
        one.refresh_from_db()
    assert [bool(one.sealed) for one in (decided, kept, new, open_)] == [False, False, True, True]
    assert DeletionCertificate.objects.get(organization=people.organization).counts == {"withheld_texts": 2}


# Holds


@pytest.mark.parametrize("what", ["conversation", "person", "organization"])
def test_a_hold_keeps_what_it_names(people: Cast, what: str) -> None:
    deleted = timezone.now() - timedelta(days=8)
    bobs, alices = aged(people.bob, 9, deleted_at=deleted), aged(people.alice, 9, deleted_at=deleted)
    named = {"conversation": {"conversation_id": bobs.id}, "person": {"user_id": people.bob.user_id}}.get(what, {})
    hold = place(acting=people.alice, reason=REASON, **named)
    run_retention(people.bob)
    assert is_there(bobs)
    assert is_there(alices) == (what == "organization")
    assert Conversation.objects.get(id=bobs.id).deleted_at == bobs.deleted_at, "it stays hidden from its owner"
    lift(acting=people.alice, hold_id=hold.id)
    run_retention(people.bob)
    assert not is_there(bobs)
    assert LegalHold.objects.get(id=hold.id).conversation_id == (bobs.id if what == "conversation" else None)
    actions = Event.objects.filter(target_id=str(hold.id)).order_by("at").values_list("action", flat=True)
    assert list(actions) == ["chat.hold.placed", "chat.hold.lifted"]


def test_a_hold_keeps_withheld_text(people: Cast) -> None:
    keep_for(people.bob, review_days=1)
    review = withhold(people.bob, Channel.PROMPT, Verdict.BLOCK).review
    type(review).objects.filter(id=review.id).update(created_at=timezone.now() - timedelta(days=5))
    place(acting=people.alice, reason=REASON, user_id=people.bob.user_id)
    run_retention(people.bob)
    review.refresh_from_db()
    assert review.sealed


def test_a_certificate_says_how_much_a_hold_kept(people: Cast) -> None:
    deleted = timezone.now() - timedelta(days=8)
    held = aged(people.bob, 9, deleted_at=deleted)
    aged(people.alice, 9, deleted_at=deleted)
    place(acting=people.alice, reason=REASON, conversation_id=held.id)
    run_retention(people.bob)
    assert DeletionCertificate.objects.get(organization=people.organization).kept_by_holds == 1


def test_holds_are_placed_by_admins_on_what_is_here(people: Cast) -> None:
    elsewhere = aged(people.charlie, 1)
    with pytest.raises(NotAllowed):
        place(acting=people.bob, reason=REASON)
    with pytest.raises(Invalid, match="Say why"):
        place(acting=people.alice, reason="short")
    with pytest.raises(Invalid, match="no conversation"):
        place(acting=people.alice, reason=REASON, conversation_id=elsewhere.id)
    with pytest.raises(Invalid, match="no place"):
        place(acting=people.alice, reason=REASON, user_id=people.charlie.user_id)


# Rules


def test_shorter_times_hold_only_after_a_day(people: Cast) -> None:
    found = aged(people.bob, 40)
    set_rules(acting=people.alice, rules=Rules(active_days=30))
    now = timezone.now()
    assert rules_in_force(people.organization.id, now).active_days is None
    run_retention(people.bob)
    assert is_there(found)
    assert rules_in_force(people.organization.id, now + GRACE).active_days == 30


def test_longer_times_hold_at_once(people: Cast) -> None:
    keep_for(people.bob, active_days=30)
    found = aged(people.bob, 40)
    set_rules(acting=people.alice, rules=Rules(active_days=50))
    run_retention(people.bob)
    assert is_there(found)


@given(before=RULES, between=RULES, after=RULES)
def test_nothing_that_was_kept_is_due_within_the_grace_time(before: Rules, between: Rules, after: Rules) -> None:
    """However often rules change within a day, what holds is never shorter than what held before the first change."""
    held = between.or_longer(before)
    now = after.or_longer(held)
    assert now.or_longer(held) == now.or_longer(before) == now.or_longer(after) == now


def test_rules_that_make_no_sense_are_refused(people: Cast) -> None:
    for rules in (Rules(active_days=0), Rules(deleted_days=None), Rules(temporary_hours=721)):
        with pytest.raises(Invalid):
            set_rules(acting=people.alice, rules=rules)
    with pytest.raises(NotAllowed):
        set_rules(acting=people.bob, rules=Rules())


def test_a_change_is_recorded_with_what_was_before(people: Cast) -> None:
    set_rules(acting=people.alice, rules=Rules(active_days=30))
    facts = Event.objects.get(action="chat.retention.changed", organization_id=people.organization.id).facts
    assert facts == {"changed": "active_days", "active_days_before": None, "active_days_after": 30}


def test_a_preview_counts_and_changes_nothing(people: Cast) -> None:
    for age in (10, 28, 40, 400):
        aged(people.bob, age)
    held = aged(people.bob, 50)
    place(acting=people.alice, reason=REASON, conversation_id=held.id)
    now = timezone.now()
    found = preview(people.organization.id, Rules(active_days=30), now)
    assert [(one.gone, one.more, one.people) for one in found.moments] == [(2, 2, 1), (3, 3, 1), (4, 4, 1)]
    assert (found.is_shorter, found.kept_by_holds) == (True, 1)
    assert found.moments[0].at == first_run(now) >= now + GRACE
    assert Conversation.objects.filter(organization=people.organization).count() == 5


def test_a_preview_counts_withheld_texts_too(people: Cast) -> None:
    with_conversation, alone, held, kept, undecided = (
        withhold(people.bob, Channel.PROMPT, Verdict.BLOCK).review for _ in range(5)
    )
    now = timezone.now()
    reviews = type(alone).objects
    Conversation.objects.filter(id=with_conversation.conversation_id).update(deleted_at=now)
    reviews.filter(id__in=[alone.id, held.id, undecided.id]).update(created_at=now - timedelta(days=40))
    reviews.filter(id=undecided.id).update(state="open")
    place(acting=people.alice, reason=REASON, conversation_id=held.conversation_id)
    found = preview(people.organization.id, Rules(review_days=30), now)
    assert [(one.texts, one.more_texts) for one in found.moments] == [(1, 1), (2, 1), (3, 2)]
    assert found.has_texts
    assert not preview(people.organization.id, Rules(deleted_days=90), now).has_texts
    assert reviews.filter(organization=people.organization).exclude(sealed="").count() == 5
    assert kept.id in reviews.values_list("id", flat=True)


def test_the_first_run_is_a_night_at_least_a_day_later() -> None:
    now = timezone.now()
    run = first_run(now)
    assert (run.hour, run.minute) == NIGHT
    assert timedelta(days=1) <= run - now <= timedelta(days=2)
    assert night_after(run) == run
