"""A job goes on from its row, whoever does it, and has one effect."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from audit.models import Event
from chat.errors import Invalid, NotFound
from chat.jobs import actions, runner
from chat.jobs.actions import ask, cancel, retry
from chat.jobs.errors import JobFailed
from chat.jobs.registry import KINDS
from chat.models import Job
from tests.cast import Cast, join, person
from tests.chat.jobs.counting import Counting, written
from tests.database import race

State = Job.State


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[uuid.UUID]:
    """The jobs that were rung for. No other process runs what these tests run themselves."""
    heard: list[uuid.UUID] = []
    monkeypatch.setattr(actions, "ring", heard.append)
    monkeypatch.setattr(runner, "ring", heard.append)
    return heard


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch, lasting: None) -> Iterator[Counting]:
    """A kind of three turns."""
    kind = Counting(until=3)
    monkeypatch.setitem(KINDS, kind.name, kind)
    yield kind
    Job.objects.filter(kind=kind.name).delete()


def asked(cast: Cast, kind: Counting, key: str = "") -> Job:
    return ask(kind.name, organization=cast.organization, owner=cast.alice.user, key=key)


def again(job: Job) -> Job:
    return Job.objects.get(id=job.id)


def test_it_is_done_turn_after_turn(cast: Cast, counting: Counting, rung: list[uuid.UUID]) -> None:
    job = asked(cast, counting)
    assert rung == [job.id]
    assert runner.run(job.id, seconds=0)
    assert (again(job).state, again(job).done, again(job).total) == (State.RUNNING, 1, 3)
    assert not runner.run(job.id)
    found = again(job)
    assert (found.state, found.done, found.result, found.turn) == (State.DONE, 3, {"sum": 3}, 2)
    assert found.started_at and found.ended_at and written(job) == 3
    assert not runner.run(job.id)
    assert written(job) == 3


def test_the_open_one_of_a_key_is_the_same(cast: Cast, counting: Counting) -> None:
    job = asked(cast, counting, key="one")
    assert asked(cast, counting, key="one").id == job.id
    assert asked(cast, counting, key="other").id != job.id
    assert asked(cast, counting).id != asked(cast, counting).id
    runner.run(job.id)
    assert asked(cast, counting, key="one").id != job.id


def test_many_who_ask_at_once_get_one(cast: Cast, counting: Counting) -> None:
    made = race([lambda: asked(cast, counting, key="one").id] * 8)
    assert len(set(made)) == 1
    assert Job.objects.filter(kind=counting.name).count() == 1
    assert Event.objects.filter(action="chat.job.asked", target_id=str(made[0])).count() == 1


def test_many_who_run_it_at_once_do_it_once(cast: Cast, counting: Counting) -> None:
    counting.until = 40
    job = asked(cast, counting)
    assert race([lambda: runner.run(job.id)] * 6) == [False] * 6
    assert (again(job).state, written(job), again(job).turn) == (State.DONE, 40, 1)


def test_a_dead_process_is_followed_by_another_after_the_lease(
    cast: Cast, counting: Counting, rung: list[uuid.UUID]
) -> None:
    job = asked(cast, counting)
    runner.run(job.id, seconds=0)
    rows = Job.objects.filter(id=job.id)
    rows.update(beat_at=timezone.now())
    assert not runner.run(job.id)
    assert written(job) == 1
    rows.update(beat_at=timezone.now() - runner.LEASE - timedelta(seconds=1))
    rung.clear()
    runner.sweep()
    assert job.id in rung
    runner.run(job.id)
    assert (again(job).state, written(job), again(job).result) == (State.DONE, 3, {"sum": 3})


def test_who_was_taken_over_from_writes_nothing_more(cast: Cast, counting: Counting) -> None:
    job = asked(cast, counting)

    def taken_over(ours: Job) -> None:
        """The process hangs longer than its lease, in the middle of its second turn, and another goes on."""
        if ours.cursor.get("number") != 1 or ours.turn != 1:
            return
        counting.middle = lambda _: None
        [outcome] = race([lambda: late(ours)])
        assert outcome is False

    def late(ours: Job) -> bool:
        Job.objects.filter(id=ours.id).update(beat_at=timezone.now() - runner.LEASE - timedelta(seconds=1))
        return runner.run(ours.id)

    counting.middle = taken_over
    assert not runner.run(job.id)
    found = again(job)
    assert (found.state, found.turn, found.done, found.result) == (State.DONE, 2, 3, {"sum": 3})
    assert written(job) == 3


def test_a_cancelled_turn_leaves_nothing(cast: Cast, counting: Counting) -> None:
    job = asked(cast, counting)

    def cancelled(ours: Job) -> None:
        if ours.cursor.get("number") == 1:
            race([lambda: cancel(acting=cast.alice, job_id=ours.id)])

    counting.middle = cancelled
    assert not runner.run(job.id)
    found = again(job)
    assert (found.state, found.done, written(job)) == (State.CANCELLED, 1, 1)
    assert found.cancel_requested_at and found.ended_at
    assert Event.objects.filter(action="chat.job.cancelled", target_id=str(job.id)).count() == 1
    cancel(acting=cast.alice, job_id=job.id)
    assert Event.objects.filter(action="chat.job.cancelled", target_id=str(job.id)).count() == 1


def test_it_is_tried_three_times_more_with_longer_pauses(cast: Cast, counting: Counting) -> None:
    def broken(ours: Job) -> None:
        raise JobFailed("The disk is full. Make room and try again.")

    counting.middle = broken
    job = asked(cast, counting)
    rows = Job.objects.filter(id=job.id)
    pauses = []
    for failures in (1, 2, 3):
        begun = timezone.now()
        assert not runner.run(job.id)
        found = again(job)
        assert (found.state, found.failures, found.words) == (State.QUEUED, failures, broken_words())
        assert found.not_before is not None
        pauses.append(round((found.not_before - begun).total_seconds()))
        assert not runner.run(job.id), "not before its time"
        assert again(job).turn == failures
        rows.update(not_before=timezone.now())
    assert pauses == [10, 60, 300]
    runner.run(job.id)
    found = again(job)
    assert (found.state, found.words, written(job)) == (State.FAILED, broken_words(), 0)


def broken_words() -> str:
    return "The disk is full. Make room and try again."


def test_a_turn_that_goes_well_forgets_the_failures_before(cast: Cast, counting: Counting) -> None:
    def broken_once(ours: Job) -> None:
        if ours.turn == 1:
            raise OSError("no room")

    counting.middle = broken_once
    job = asked(cast, counting)
    runner.run(job.id)
    assert (again(job).state, again(job).failures, again(job).words) == (State.QUEUED, 1, runner.BROKEN)
    Job.objects.filter(id=job.id).update(not_before=None)
    runner.run(job.id)
    assert (again(job).state, again(job).failures, again(job).words) == (State.DONE, 0, "")


def test_what_kills_its_process_again_and_again_is_given_up(cast: Cast, counting: Counting) -> None:
    def killed(ours: Job) -> None:
        raise RuntimeError("as a killed process leaves it")

    counting.middle = killed
    job = asked(cast, counting)
    for _ in range(len(runner.PAUSES) + 1):
        with pytest.raises(RuntimeError):
            runner.run(job.id)
        assert again(job).state == State.RUNNING
        Job.objects.filter(id=job.id).update(beat_at=timezone.now() - runner.LEASE - timedelta(seconds=1))
    runner.run(job.id)
    assert (again(job).state, again(job).words, written(job)) == (State.FAILED, runner.GIVEN_UP, 0)


def test_a_hopeless_failure_is_not_tried_again_by_itself(cast: Cast, counting: Counting) -> None:
    def hopeless(ours: Job) -> None:
        raise JobFailed("There is nothing to do.", again=False)

    counting.middle = hopeless
    job = asked(cast, counting)
    runner.run(job.id)
    assert (again(job).state, again(job).words) == (State.FAILED, "There is nothing to do.")


def test_a_failed_job_goes_on_where_it_was(cast: Cast, counting: Counting, rung: list[uuid.UUID]) -> None:
    def broken(ours: Job) -> None:
        if ours.cursor.get("number") == 2:
            raise JobFailed("No.", again=False)

    counting.middle = broken
    job = asked(cast, counting)
    runner.run(job.id)
    assert (again(job).state, written(job)) == (State.FAILED, 2)
    counting.middle = lambda _: None
    rung.clear()
    retry(acting=cast.alice, job_id=job.id)
    assert rung == [job.id]
    runner.run(job.id)
    assert (again(job).state, written(job), again(job).result) == (State.DONE, 3, {"sum": 3})
    with pytest.raises(Invalid):
        retry(acting=cast.alice, job_id=job.id)


def test_a_retry_beside_the_same_job_is_refused(cast: Cast, counting: Counting) -> None:
    old = asked(cast, counting, key="one")
    cancel(acting=cast.alice, job_id=old.id)
    asked(cast, counting, key="one")
    with pytest.raises(Invalid, match="asked for again"):
        retry(acting=cast.alice, job_id=old.id)


def test_a_kind_that_is_gone_is_said(cast: Cast) -> None:
    job = ask("what-was-once", organization=cast.organization, owner=cast.alice.user)
    runner.run(job.id)
    assert (again(job).state, again(job).words) == (State.FAILED, runner.UNKNOWN)


def test_only_who_administers_or_asked_may_cancel(cast: Cast, counting: Counting) -> None:
    job = asked(cast, counting)
    for stranger in (cast.bob, cast.charlie):
        with pytest.raises(NotFound):
            cancel(acting=stranger, job_id=job.id)
    counting.is_shown_to_owner = True
    own = ask(counting.name, organization=cast.organization, owner=cast.bob.user)
    with pytest.raises(NotFound):
        cancel(acting=cast.alice, job_id=own.id)
    cancel(acting=cast.bob, job_id=own.id)
    assert again(own).state == State.CANCELLED
    operator = person("Olga", is_staff=True, is_superuser=True)
    with pytest.raises(NotFound):
        actions.cancel_as_operator(operator=join(cast.organization, person("Otto")).user, job_id=job.id)
    actions.cancel_as_operator(operator=operator, job_id=job.id)
    actions.retry_as_operator(operator=operator, job_id=job.id)
    assert again(job).state == State.QUEUED
    events = Event.objects.filter(target_id=str(job.id)).order_by("at").values_list("action", "actor_id")
    assert list(events)[1:] == [("chat.job.cancelled", operator.id), ("chat.job.retried", operator.id)]


def test_the_sweep_rings_for_what_waits_and_nothing_else(
    cast: Cast, counting: Counting, rung: list[uuid.UUID]
) -> None:
    waits, later, runs, done = (asked(cast, counting) for _ in range(4))
    Job.objects.filter(id=later.id).update(not_before=timezone.now() + timedelta(minutes=1))
    Job.objects.filter(id=runs.id).update(state=State.RUNNING, beat_at=timezone.now())
    Job.objects.filter(id=done.id).update(state=State.DONE)
    rung.clear()
    runner.sweep()
    assert set(rung) & {one.id for one in (waits, later, runs, done)} == {waits.id}
    connections.close_all()
