"""Sends before a quota: what is reserved, refused, warned of, and given back, in every way that an answer can end."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Group, GroupMembership
from chat import frames
from chat.actions.generations import continue_answer, stop
from chat.actions.prompts import regenerate, submit_prompt
from chat.actions.queueing import Accepted
from chat.actions.reserving import reserve
from chat.errors import OverQuota
from chat.ledger import close_lost
from chat.models import Generation, Message
from chat.states import State
from chat.worker.settle import Ending, settle
from inference.actions.quotas import remove_limit
from inference.models import LedgerEntry, UsageWindow
from inference.quotas.limits import limits_for
from inference.quotas.remaining import remaining_of
from inference.quotas.reservation import background_allowed, reconcile
from tests.cast import Cast
from tests.limits import set_limit

# What is queued here is never committed: a worker of another test would answer it.
pytestmark = pytest.mark.usefixtures("unseen")
USAGE = {"prompt": 30, "cached": 0, "answer": 12, "reasoning": 0, "estimated": False}


def send(cast: Cast, text: str = "Hello") -> Accepted:
    return submit_prompt(
        acting=cast.bob, conversation_id=uuid.uuid4(), message_id=uuid.uuid4(), parent_id=None, text=text
    )


def limit(cast: Cast, measure: str, hard: int | None, *, soft: int | None = None, **whose: object) -> None:
    period = "" if measure in ("running", "budget", "context") else "day"
    named: dict[str, object] = {"subject": "member", "period": period, **whose}
    set_limit(acting=cast.alice, measure=measure, soft=soft, hard=hard, **named)


def end(accepted: Accepted, state: State = State.DONE, usage: Mapping[str, object] = USAGE) -> bool:
    """End an answer as the worker does."""
    Generation.objects.filter(id=accepted.generation_id, state=State.QUEUED).update(
        state=State.RUNNING, epoch=1, claimed_at=timezone.now()
    )
    return settle(
        Ending(generation_id=accepted.generation_id, epoch=1, state=state, sequence=1, parts=[], usage=dict(usage))
    )


def sums(cast: Cast) -> list[tuple[str, int, int]]:
    rows = UsageWindow.objects.filter(organization=cast.organization).order_by("measure", "subject")
    return list(rows.values_list("measure", "used", "reserved"))


def test_requests_are_counted_at_once_and_refused_with_the_time(cast: Cast) -> None:
    limit(cast, "requests", 2)
    send(cast)
    send(cast)
    with pytest.raises(OverQuota) as refused:
        send(cast)
    tomorrow = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    assert refused.value.resets_at is not None and refused.value.resets_at > tomorrow
    assert refused.value.words.startswith("You have 2 requests a day, and they are used up. Send it again ")
    told = frames.refused("r", refused.value)
    assert (told["code"], datetime.fromisoformat(told["resets_at"])) == ("quota", refused.value.resets_at)
    assert Generation.objects.filter(user_id=cast.bob.user_id).count() == 2, "a refused send leaves nothing"
    assert LedgerEntry.objects.filter(user_id=cast.bob.user_id).count() == 2


def test_answers_at_the_same_time_are_a_gauge(cast: Cast) -> None:
    limit(cast, "running", 1)
    first = send(cast)
    with pytest.raises(OverQuota) as refused:
        send(cast)
    assert refused.value.resets_at is None
    assert frames.refused(None, refused.value)["resets_at"] is None
    stop(acting=cast.bob, generation_id=first.generation_id)
    second = send(cast)
    assert end(second)
    assert sums(cast) == [("running", 0, 0)]


def test_a_mark_warns_and_does_not_refuse(cast: Cast) -> None:
    limit(cast, "requests", None, soft=1)
    assert send(cast).warnings == ()
    warned = send(cast)
    (told,) = frames.accepted("r", warned)["warnings"]
    assert told["text"].startswith("You have used 1 of 1 request a day. The count begins again ")
    assert datetime.fromisoformat(told["resets_at"]) > timezone.now()


def test_of_several_warnings_the_one_that_lasts_longest_comes_first(cast: Cast) -> None:
    for measure in ("running", "requests"):
        limit(cast, measure, None, soft=1)
    limit(cast, "requests", None, soft=1, period="month")
    send(cast)
    *timed, gauge = frames.accepted("r", send(cast))["warnings"]
    assert [one["resets_at"] for one in timed] == sorted((one["resets_at"] for one in timed), reverse=True)
    assert (len(timed), gauge["resets_at"]) == (2, None)


def test_every_end_gives_back_what_was_reserved_and_counts_what_was_used(cast: Cast) -> None:
    for measure in ("tokens", "requests", "running"):
        limit(cast, measure, 10**6)
    for state in (State.DONE, State.STOPPED, State.WITHHELD, State.HELD, State.FAILED, State.INTERRUPTED):
        accepted = send(cast)
        assert end(accepted, state)
        assert not end(accepted, state), "an answer ends once"
        entry = LedgerEntry.objects.get(generation_id=accepted.generation_id)
        assert (entry.outcome, entry.prompt_tokens, entry.answer_tokens) == (state, 30, 12)
    in_line = send(cast)
    stop(acting=cast.bob, generation_id=in_line.generation_id)
    stop(acting=cast.bob, generation_id=in_line.generation_id)
    assert sums(cast) == [("requests", 7, 0), ("running", 0, 0), ("tokens", 6 * 42, 0)]
    assert reconcile(cast.organization.id) == []


def test_going_on_is_another_request(cast: Cast) -> None:
    limit(cast, "requests", 2)
    accepted = send(cast)
    end(accepted, State.INTERRUPTED)
    continue_answer(acting=cast.bob, generation_id=accepted.generation_id)
    with pytest.raises(OverQuota):
        regenerate(
            acting=cast.bob,
            conversation_id=send_done(cast, accepted),
            message_id=accepted.message_id,
            answer_id=uuid.uuid4(),
        )
    assert sums(cast) == [("requests", 2, 0)]


def send_done(cast: Cast, accepted: Accepted) -> uuid.UUID:
    Generation.objects.filter(id=accepted.generation_id).update(
        state=State.RUNNING, epoch=2, claimed_at=timezone.now()
    )
    settle(
        Ending(
            generation_id=accepted.generation_id, epoch=2, state=State.DONE, sequence=2, parts=[], usage=dict(USAGE)
        )
    )
    return accepted.conversation_id


def test_the_worker_is_told_what_is_left_to_it(cast: Cast) -> None:
    limit(cast, "budget", 500)
    limit(cast, "context", 2048)
    accepted = send(cast)
    assert Generation.objects.get(id=accepted.generation_id).caps == {"budget": 500, "context": 2048}
    limit(cast, "tokens", 10**6)
    accepted = send(cast, "word " * 50)
    caps = Generation.objects.get(id=accepted.generation_id).caps
    entry = LedgerEntry.objects.get(generation_id=accepted.generation_id)
    assert (caps["budget"], caps["answer"], caps["whole"]) == (500, 8192, entry.reserved_tokens)
    assert caps["context"] == 2048
    assert entry.reserved_tokens > 8192 + 250, "the prompt and its system message have their room"


def test_titles_are_for_the_organization_alone(cast: Cast) -> None:
    limit(cast, "tokens", 50, subject="organization")
    assert background_allowed(cast.organization.id)
    accepted = send(cast)
    end(accepted)
    assert background_allowed(cast.organization.id)
    end(send(cast))
    assert not background_allowed(cast.organization.id)
    with pytest.raises(OverQuota) as refused:
        send(cast)
    assert refused.value.words.startswith("Your organization together has 50 tokens a day")


def test_a_groups_pool_is_used_up_together(cast: Cast) -> None:
    group = Group.objects.create(organization=cast.organization, name="Research")
    for member in (cast.alice, cast.bob):
        GroupMembership.objects.create(group=group, membership=member)
    limit(cast, "requests", 1, subject="group", group_id=group.id)
    send(cast)
    with pytest.raises(OverQuota) as refused:
        submit_prompt(
            acting=cast.alice, conversation_id=uuid.uuid4(), message_id=uuid.uuid4(), parent_id=None, text="Hello"
        )
    assert refused.value.words.startswith("Group Research together has 1 request a day, and it is used up")
    assert LedgerEntry.objects.get(user_id=cast.bob.user_id).groups == [group.id]


def test_a_removed_limit_holds_nobody_and_a_new_one_counts_from_the_ledger(cast: Cast) -> None:
    limit(cast, "requests", 1)
    end(send(cast))
    (held,) = limits_for(cast.organization.id, cast.bob.user_id)
    remove_limit(acting=cast.alice, limit_id=held.id)
    end(send(cast))
    limit(cast, "prompt", 60)
    (left,) = remaining_of(cast.organization.id, cast.bob.user_id, timezone.now())
    assert (left.used, left.left, left.state) == (60, 0, "hard")
    with pytest.raises(OverQuota):
        send(cast)


def test_without_limits_a_send_looks_once(cast: Cast) -> None:
    send(cast)
    with CaptureQueriesContext(connection) as asked:
        send(cast)
    about = [one["sql"] for one in asked if "quota" in one["sql"] or "usagewindow" in one["sql"]]
    assert len(about) == 1
    assert Message.objects.filter(conversation__owner_id=cast.bob.user_id).count() == 4


def test_a_reviewers_decision_is_not_refused(cast: Cast) -> None:
    limit(cast, "requests", 1)
    accepted = send(cast)
    end(accepted, State.HELD)
    generation = Generation.objects.select_related("message__conversation").get(id=accepted.generation_id)
    reserve(generation, generation.message.conversation, may_refuse=False)
    assert sums(cast) == [("requests", 1, 1)]


def test_what_nobody_will_settle_is_closed(cast: Cast) -> None:
    limit(cast, "tokens", 10**6)
    waiting, gone = send(cast), send(cast)
    title = LedgerEntry.objects.create(purpose="title", organization_id=cast.organization.id)
    Generation.objects.filter(id=gone.generation_id).update(state=State.FAILED)
    assert close_lost(timezone.now() + timedelta(hours=2)) >= 2
    outcomes = dict(LedgerEntry.objects.filter(organization_id=cast.organization.id).values_list("id", "outcome"))
    assert outcomes[title.id] == "failed"
    assert sorted(outcomes.values()) == ["failed", "failed", "reserved"]
    ((_, used, held),) = sums(cast)
    assert (used, held) == (0, LedgerEntry.objects.get(generation_id=waiting.generation_id).reserved_tokens)
