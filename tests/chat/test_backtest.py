"""A backtest counts what a version would have changed, once for every text, whatever happens to its worker."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.actions.groups import add_to_group, create_group
from accounts.errors import NotAllowed
from accounts.models import Role
from audit.models import Event as Entry
from chat import tasks
from chat.actions.backtests import cancel, read_samples, start
from chat.backtesting import job
from chat.backtesting.reading import Reading
from chat.backtesting.tally import Tally
from chat.errors import Invalid, NotFound
from chat.models import Backtest, Conversation, Job, Message, Review
from chat.retention.job import Retention
from chat.withheld import Withheld
from moderation.errors import NoSuchPolicy
from moderation.models import PolicyVersion
from moderation.verdict import Verdict
from tests.cast import Cast, join, person
from tests.chat.history import message, policy, rule, said, version
from tests.chat.retention.kept import run_retention
from tests.database import race, somebody_waits
from tests.site import wait_until

DAY = timedelta(days=1)
State = Backtest.State


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other process runs what these tests run themselves."""
    monkeypatch.setattr(tasks, "enqueue_backtest", lambda backtest_id: None)


def begun(cast: Cast, tested: PolicyVersion, **options: Any) -> Backtest:
    now = timezone.now()
    asked = {"since": now - 30 * DAY, "until": now + DAY, **options}
    return start(acting=cast.alice, version_id=tested.id, **asked)


def finished(backtest: Backtest) -> Backtest:
    while job.run_turn(backtest.id, seconds=60):
        pass
    backtest.refresh_from_db()
    return backtest


def test_it_counts_what_would_change(cast: Cast) -> None:
    version(
        cast.alice,
        1,
        policy(rule("old", Verdict.BLOCK, "lemon"), rule("both", Verdict.REDACT, "cherry")),
        enforced=True,
    )
    draft = version(
        cast.alice, 2, policy(rule("both", Verdict.REDACT, "cherry"), rule("new", Verdict.HOLD, "plum", "apple"))
    )
    said(cast.bob, "a lemon", "a cherry")
    said(cast.bob, "a plum", "nothing")
    said(cast.alice, "an apple and a plum")
    said(cast.charlie, "a plum of another organization")
    found = finished(begun(cast, draft))
    assert (found.state, found.done, found.total) == (State.DONE, 5, 5)
    assert found.result["moves"] == {"block>allow": 1, "redact>redact": 1, "allow>hold": 2, "allow>allow": 1}
    assert found.result["rules"] == {"old": {"allowed": 1}, "new": {"held": 2}}
    assert found.result["roles"] == {"member": {"allowed": 1, "held": 1}, "owner": {"held": 1}}
    assert found.result["channels"] == {"prompt": {"allowed": 1, "held": 2}}
    assert {rule_id: len(places) for rule_id, places in found.result["samples"].items()} == {"old": 1, "new": 2}


def test_without_an_enforced_version_everything_was_allowed(cast: Cast) -> None:
    said(cast.bob, "a lemon")
    found = finished(begun(cast, version(cast.alice, 1, policy(rule("new", Verdict.FLAG, "lemon")))))
    assert (found.against, found.result["moves"]) == (None, {"allow>flag": 1})


def test_it_reads_every_channel_and_what_was_withheld_and_kept(cast: Cast) -> None:
    draft = version(cast.alice, 1, policy(rule("new", Verdict.FLAG, "lemon")))
    conversation = Conversation.objects.create(organization_id=cast.organization.id, owner_id=cast.bob.user_id)
    answer = message(
        conversation,
        [
            {"type": "reasoning", "text": "lemon?"},
            {"type": "tool_call", "id": "1", "name": "find", "text": "{}"},
            {"type": "tool_call", "id": "2", "name": "find", "text": '{"what": "lemon"}'},
            {"type": "text", "text": "A le"},
        ],
        timezone.now(),
        Message.Role.ASSISTANT,
    )
    kept = withheld(answer, "mon it is")
    overturned = withheld(answer, " lemon", state=Review.State.OVERTURNED)
    answer.parts += [receipt(kept), receipt(overturned)]
    answer.save()
    found = finished(begun(cast, draft))
    assert found.result["channels"] == {one: {"flagged": 1} for one in ("reasoning", "answer", "tool_call")}
    places = {place[1]: place[2:5] for place in found.result["samples"]["new"]}
    assert places == {"reasoning": [0, 0, 5], "answer": [0, 2, 7], "tool_call": [3, 10, 15]}


def withheld(answer: Message, text: str, state: str = Review.State.KEPT) -> Review:
    return Review.objects.create(
        organization_id=answer.conversation.organization_id,
        author_id=answer.conversation.owner_id,
        conversation_id=answer.conversation_id,
        message=answer,
        generation_id=uuid.uuid4(),
        channel="answer",
        rule="old",
        category="secrets",
        verdict="block",
        state=state,
        sealed=Withheld(text=text).sealed(),
    )


def receipt(review: Review) -> dict[str, Any]:
    return {
        "type": "notice",
        "code": "withheld",
        "text": "",
        "receipt": {"review": str(review.id), "channel": "answer"},
    }


def test_texts_that_cannot_be_read_whole_are_counted(cast: Cast) -> None:
    prompt = said(cast.bob, "my card is [redacted: Secrets]")
    texts = [{"channel": "prompt", "epoch": 1, "redacted": 16}, {"channel": "answer", "epoch": 1, "redacted": 0}]
    Message.objects.filter(id=prompt.id).update(coverage={"version": None, "number": 1, "texts": texts})
    assert finished(begun(cast, version(cast.alice, 1, policy()))).result["gaps"] == 1


def test_pending_and_deleted_messages_are_not_read(cast: Cast) -> None:
    pending, gone = said(cast.bob, "one"), said(cast.bob, "two")
    Message.objects.filter(id=pending.id).update(release=Message.Release.PENDING)
    Conversation.objects.filter(id=gone.conversation_id).update(deleted_at=timezone.now())
    said(cast.bob, "three", at=timezone.now() - 31 * DAY)
    assert finished(begun(cast, version(cast.alice, 1, policy()))).total == 0


def test_it_can_be_of_one_role_or_one_group(cast: Cast) -> None:
    draft = version(cast.alice, 1, policy(rule("new", Verdict.FLAG, "lemon")))
    carol = join(cast.organization, person("Carol"))
    add_to_group(acting=cast.alice, group=create_group(acting=cast.alice, name="Research"), member=carol)
    for member in (cast.alice, cast.bob, carol):
        said(member, "a lemon")
    assert finished(begun(cast, draft, role="owner")).result["roles"] == {"owner": {"flagged": 1}}
    assert finished(begun(cast, draft, role="member")).total == 2
    assert finished(begun(cast, draft, group="Research")).result["groups"] == {"Research": {"flagged": 1}}
    assert finished(begun(cast, draft, group="Nobody")).total == 0


@pytest.fixture
def slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every turn reads one message of many."""
    monkeypatch.setattr(job, "SLICE_MESSAGES", 1)


@pytest.mark.usefixtures("slices")
def test_a_killed_worker_is_gone_on_with_and_counts_nothing_twice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        said(cast.bob, f"lemon {number}")
    backtest = begun(cast, version(cast.alice, 1, policy(rule("new", Verdict.FLAG, "lemon"))))
    die_after(monkeypatch, 2)
    with pytest.raises(Killed):
        job.run_turn(backtest.id)
    backtest.refresh_from_db()
    assert (backtest.state, backtest.done) == (State.RUNNING, 2)
    # Nobody takes it over while its worker may live.
    assert job.run_turn(backtest.id) is False
    assert backtest.id not in job.abandoned(timezone.now())
    later = timezone.now() + job.STALE_AFTER + timedelta(seconds=1)
    assert backtest.id in job.abandoned(later)
    Backtest.objects.filter(id=backtest.id).update(beat_at=timezone.now() - job.STALE_AFTER)
    found = finished(backtest)
    assert (found.state, found.done, found.result["moves"]) == (State.DONE, 5, {"allow>flag": 5})
    assert len(found.result["samples"]["new"]) == 5


@pytest.mark.usefixtures("slices")
def test_one_that_kills_its_process_again_and_again_is_given_up(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        said(cast.bob, "lemon")
    backtest = begun(cast, version(cast.alice, 1, policy(rule("new", Verdict.FLAG, "lemon"))))
    # What was read in between begins the count anew.
    for slices in (0, 0, 1):
        die_after(monkeypatch, slices)
        with pytest.raises(Killed):
            job.run_turn(backtest.id)
        let_it_be_dead(backtest)
    for _ in range(job.MOST_DEATHS):
        die_after(monkeypatch, 0)
        with pytest.raises(Killed):
            job.run_turn(backtest.id)
        let_it_be_dead(backtest)
    die_after(monkeypatch, 0)
    assert job.run_turn(backtest.id) is False
    backtest.refresh_from_db()
    assert (backtest.state, backtest.words, backtest.done) == (State.FAILED, job.DIED, 1)
    assert backtest.id not in job.abandoned(timezone.now())


def let_it_be_dead(backtest: Backtest) -> None:
    Backtest.objects.filter(id=backtest.id).update(beat_at=timezone.now() - job.STALE_AFTER)


class Killed(BaseException):
    """The process ends here."""


def die_after(monkeypatch: pytest.MonkeyPatch, slices: int) -> None:
    save, left = job._save, [slices]

    def dying(*arguments: Any) -> bool:
        if not left[0]:
            monkeypatch.setattr(job, "_save", save)
            raise Killed
        left[0] -= 1
        return save(*arguments)

    monkeypatch.setattr(job, "_save", dying)


@pytest.mark.usefixtures("slices")
def test_of_two_jobs_that_run_at_once_only_one_counts(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        said(cast.bob, f"lemon {number}")
    backtest = begun(cast, version(cast.alice, 1, policy(rule("new", Verdict.FLAG, "lemon"))))
    save = job._save

    def slow(*arguments: Any) -> bool:
        """Let another job take it over and end it while this one is about to write."""
        monkeypatch.setattr(job, "_save", save)
        Backtest.objects.filter(id=backtest.id).update(beat_at=None)
        finished(backtest)
        return save(*arguments)

    monkeypatch.setattr(job, "_save", slow)
    assert job.run_turn(backtest.id) is False
    backtest.refresh_from_db()
    assert (backtest.done, backtest.result["moves"]) == (4, {"allow>flag": 4})


@pytest.mark.usefixtures("slices")
def test_a_turn_makes_room_and_the_next_goes_on(cast: Cast) -> None:
    for _ in range(3):
        said(cast.bob, "lemon")
    backtest = begun(cast, version(cast.alice, 1, policy()))
    assert job.run_turn(backtest.id, seconds=0) is True
    assert job.run_turn(backtest.id, seconds=0) is True
    assert finished(backtest).done == 3


@pytest.mark.usefixtures("slices")
def test_a_cancelled_one_stops_and_keeps_what_it_has(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        said(cast.bob, "lemon")
    backtest = begun(cast, version(cast.alice, 1, policy(rule("new", Verdict.FLAG, "lemon"))))
    save = job._save

    def cancelling(*arguments: Any) -> bool:
        saved = save(*arguments)
        cancel(acting=cast.alice, backtest_id=backtest.id)
        return saved

    monkeypatch.setattr(job, "_save", cancelling)
    found = finished(backtest)
    assert (found.state, found.done, found.result["moves"]) == (State.CANCELLED, 1, {"allow>flag": 1})
    assert found.ended_at is not None
    assert Entry.objects.filter(action="chat.backtest.cancelled", target_id=str(backtest.id)).count() == 1
    assert job.run_turn(backtest.id) is False


@pytest.mark.usefixtures("unseen", "slices")
def test_what_is_deleted_meanwhile_leaves_no_place(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    said_ids = {str(said(cast.bob, f"lemon {number}").id) for number in range(4)}
    backtest = begun(cast, version(cast.alice, 1, policy(rule("new", Verdict.FLAG, "lemon"))))
    gone: list[Message] = []

    def deleting(reading: Reading, messages: Sequence[Message], tally: Tally) -> None:
        """Delete what was read before and what is read now, before it is written down."""
        read(reading, messages, tally)
        gone.extend(messages)
        if len(gone) == 2:
            hide(gone)
            run_retention(cast.bob)

    read = Reading.read
    monkeypatch.setattr(Reading, "read", deleting)
    found = finished(backtest)
    assert (found.state, found.done) == (State.DONE, 4)
    assert {place[0] for place in found.result["samples"]["new"]} == said_ids - {str(one.id) for one in gone[:2]}


def hide(messages: Sequence[Message]) -> None:
    """Let their owner have deleted their conversations long ago."""
    conversations = Conversation.objects.filter(messages__in=messages)
    conversations.update(deleted_at=timezone.now() - 8 * DAY)


def test_a_slice_waits_for_a_deletion_that_is_under_way(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    prompt = said(cast.bob, "lemon")
    backtest = begun(cast, version(cast.alice, 1, policy(rule("new", Verdict.FLAG, "lemon"))))
    read, is_read, is_deleted = Reading.read, Event(), Event()

    def reading(*arguments: Any) -> None:
        read(*arguments)
        is_read.set()
        assert is_deleted.wait(60)

    def deleting() -> None:
        assert is_read.wait(60)
        with transaction.atomic():
            hide([prompt])
            Retention().turn(Job.objects.create(kind="retention", organization=cast.organization))
            is_deleted.set()
            wait_until(somebody_waits, "the slice that wants to be written")

    monkeypatch.setattr(Reading, "read", reading)
    assert race([partial(job.run_turn, backtest.id), deleting]) == [False, None]
    backtest.refresh_from_db()
    assert (backtest.state, backtest.done) == (State.DONE, 1)
    assert not any(backtest.result["samples"].values())


def test_a_draft_that_is_edited_meanwhile_ends_it(cast: Cast) -> None:
    draft = version(cast.alice, 1, policy())
    backtest = begun(cast, draft)
    PolicyVersion.objects.filter(id=draft.id).update(digest="another")
    found = finished(backtest)
    assert (found.state, found.words) == (State.FAILED, job.EDITED)


def test_one_that_never_ends_is_given_up(cast: Cast) -> None:
    backtest = begun(cast, version(cast.alice, 1, policy()))
    Backtest.objects.filter(id=backtest.id).update(state=State.RUNNING, started_at=timezone.now() - 2 * DAY)
    assert backtest.id not in job.abandoned(timezone.now())
    backtest.refresh_from_db()
    assert (backtest.state, backtest.words) == (State.FAILED, job.GIVEN_UP)


def test_the_sweep_finds_what_was_never_queued(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    backtest = begun(cast, version(cast.alice, 1, policy()))
    queued: list[uuid.UUID] = []
    monkeypatch.setattr(tasks, "enqueue_backtest", queued.append)
    tasks.sweep_backtests()
    assert backtest.id in queued


def test_only_administrators_begin_and_cancel(cast: Cast) -> None:
    draft = version(cast.alice, 1, policy())
    backtest = begun(cast, draft)
    reviewer = join(cast.organization, person("Rita"), Role.REVIEWER)
    now = timezone.now()
    for acting in (cast.bob, reviewer):
        with pytest.raises(NotAllowed):
            start(acting=acting, version_id=draft.id, since=now - DAY, until=now)
        with pytest.raises(NotAllowed):
            cancel(acting=acting, backtest_id=backtest.id)
    with pytest.raises(NoSuchPolicy):
        start(acting=cast.charlie, version_id=draft.id, since=now - DAY, until=now)
    with pytest.raises(NotFound):
        cancel(acting=cast.charlie, backtest_id=backtest.id)
    assert Backtest.objects.get(id=backtest.id).state == State.QUEUED


def test_an_empty_period_and_too_many_at_once_are_refused(cast: Cast) -> None:
    draft, now = version(cast.alice, 1, policy()), timezone.now()
    with pytest.raises(Invalid, match="period is empty"):
        begun(cast, draft, since=now, until=now - DAY)
    with pytest.raises(Invalid, match="period is empty"):
        begun(cast, draft, since=now + DAY, until=now + 2 * DAY)
    for _ in range(3):
        begun(cast, draft)
    with pytest.raises(Invalid, match="Wait for one"):
        begun(cast, draft)


def test_samples_are_windows_for_reviewers_and_each_read_is_recorded(cast: Cast) -> None:
    prompt = said(cast.bob, f"{'far ' * 100}lemon{' away' * 100}")
    backtest = finished(begun(cast, version(cast.alice, 1, policy(rule("new", Verdict.FLAG, "lemon")))))
    for acting in (cast.alice, cast.bob):
        with pytest.raises(NotAllowed):
            read_samples(acting=acting, backtest_id=backtest.id, rule="new", first=0, most=10)
    reviewer = join(cast.organization, person("Rita"), Role.REVIEWER)
    [sample] = read_samples(acting=reviewer, backtest_id=backtest.id, rule="new", first=0, most=10)
    assert [piece.text for piece in sample.pieces if piece.matched] == ["lemon"]
    assert sum(len(piece.text) for piece in sample.pieces) == 405
    [event] = Entry.objects.filter(action="chat.backtest.sample_read", actor_id=reviewer.user_id)
    assert (event.facts["message"], event.facts["rule"]) == (str(prompt.id), "new")
    elsewhere = join(cast.charlie.organization, person("Rolf"), Role.REVIEWER)
    with pytest.raises(NotFound):
        read_samples(acting=elsewhere, backtest_id=backtest.id, rule="new", first=0, most=10)


def test_a_sample_whose_text_is_gone_shows_nothing(cast: Cast) -> None:
    prompt = said(cast.bob, "lemon")
    backtest = finished(begun(cast, version(cast.alice, 1, policy(rule("new", Verdict.FLAG, "lemon")))))
    Conversation.objects.filter(id=prompt.conversation_id).update(deleted_at=timezone.now())
    reviewer = join(cast.organization, person("Rita"), Role.REVIEWER)
    [sample] = read_samples(acting=reviewer, backtest_id=backtest.id, rule="new", first=0, most=10)
    assert (sample.pieces, sample.said_at) == ([], None)
    assert not Entry.objects.filter(action="chat.backtest.sample_read", actor_id=reviewer.user_id).exists()
