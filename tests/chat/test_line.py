"""A line in the rows: taken in fair order, by each worker something else, charged once and put right at the end."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Membership
from audit.models import Event
from chat.actions.generations import stop
from chat.actions.shares import BAD_WEIGHT, set_weight, weight_of
from chat.errors import Invalid
from chat.foresight import NO_SERVER
from chat.line_look import LineLook
from chat.models import FairShare, Generation, WorkerBeat
from chat.states import State
from chat.worker.claim import Claim, claim
from chat.worker.settle import Ending, settle
from inference.models import ChatModel, Endpoint, LedgerEntry
from tests.cast import Cast, join, make_cast, person
from tests.chat.test_claim import ask, model


@pytest.fixture
def people(db: None) -> Cast:
    """The usual people, and nothing that waits but what a test asks for."""
    Generation.objects.filter(state=State.QUEUED).update(state=State.STOPPED)
    return make_cast()


def end(held: Claim, tokens: int) -> None:
    settle(
        Ending(
            generation_id=held.generation_id,
            epoch=held.epoch,
            state=State.DONE,
            sequence=1,
            parts=[],
            usage={"prompt": 0, "answer": tokens, "reasoning": 0, "cached": 0, "estimated": False},
        )
    )


def served(member: Membership) -> tuple[float, float]:
    """Return what an organization and one of its members were served."""
    rows = FairShare.objects.filter(organization=member.organization)
    found = {row.user_id: row.served for row in rows}
    return found[None], found[member.user_id]


def test_the_other_organization_is_next_however_many_came_before(people: Cast) -> None:
    chosen = model()
    flood = [ask(people.bob, chosen) for _ in range(6)]
    late = ask(people.charlie, chosen)
    taken = [one.generation_id for one in claim(uuid.uuid4(), {chosen.id: 2}, None)]
    assert set(taken) == {flood[0], late}


def test_a_place_for_everybody_charges_nobody_and_asks_no_more_than_before(people: Cast) -> None:
    chosen = model()
    asked = [ask(people.bob, chosen), ask(people.charlie, chosen)]
    with CaptureQueriesContext(
        connection,
    ) as statements:
        taken = claim(uuid.uuid4(), {chosen.id: 2}, None)
    assert {one.generation_id for one in taken} == set(asked)
    assert not any("fairshare" in one["sql"] or "advisory" in one["sql"] for one in statements)
    assert not FairShare.objects.filter(organization__in=[people.organization, people.charlie.organization]).exists()


def test_an_answer_is_charged_when_it_is_taken_and_put_right_when_it_ends(people: Cast) -> None:
    chosen = model()
    for _ in range(3):
        ask(people.bob, chosen)
    first, second = claim(uuid.uuid4(), {chosen.id: 1}, None) + claim(uuid.uuid4(), {chosen.id: 1}, None)
    charged = Generation.objects.get(id=first.generation_id).charged
    assert charged > 0
    assert served(people.bob) == (2 * charged, 2 * charged)
    end(first, 70)
    assert served(people.bob) == (70 + charged, 70 + charged)
    end(first, 70)
    end(second, 30)
    assert served(people.bob) == (100, 100)
    assert Generation.objects.get(id=first.generation_id).state == State.DONE


def test_what_is_charged_follows_the_weight(people: Cast) -> None:
    chosen = model()
    operator = person("Olga", is_superuser=True)
    set_weight(acting=operator, organization_id=people.organization.id, weight=3)
    for _ in range(12):
        ask(people.bob, chosen)
        ask(people.charlie, chosen)
    taken = Counter[uuid.UUID]()
    for _ in range(8):
        taken.update(one.organization_id for one in claim(uuid.uuid4(), {chosen.id: 1}, None))
    assert taken == {people.organization.id: 6, people.charlie.organization_id: 2}


def test_members_take_turns(people: Cast) -> None:
    chosen = model()
    mine = [ask(people.bob, chosen) for _ in range(4)]
    hers = ask(people.alice, chosen)
    order = [claim(uuid.uuid4(), {chosen.id: 1}, None)[0].generation_id for _ in range(3)]
    assert order == [mine[0], hers, mine[1]]


def test_a_weight_is_set_by_the_operator_and_recorded(people: Cast) -> None:
    operator = person("Olga", is_superuser=True)
    place = people.organization.id
    assert weight_of(place) == 1
    set_weight(acting=operator, organization_id=place, weight=3)
    set_weight(acting=operator, organization_id=place, weight=3)
    assert weight_of(place) == 3
    entry = Event.objects.get(action="chat.share.weighed", organization_id=place)
    assert (entry.facts["weight_before"], entry.facts["weight_after"]) == (1, 3)
    with pytest.raises(Invalid) as refused:
        set_weight(acting=operator, organization_id=place, weight=0)
    assert refused.value.words == BAD_WEIGHT


def test_who_leaves_the_line_pays_nothing_and_the_next_ones_move_up(people: Cast) -> None:
    chosen = model()
    first, second, third = [ask(people.bob, chosen) for _ in range(3)]
    assert LineLook().places([third])[third].place == 3
    stop(acting=people.bob, generation_id=second)
    place = LineLook().places([third])[third]
    assert (place.place, place.of) == (2, 2)
    entry = LedgerEntry.objects.get(generation_id=second)
    assert entry.outcome == LedgerEntry.Outcome.STOPPED
    assert (entry.prompt_tokens, entry.answer_tokens, entry.reasoning_tokens) == (0, 0, 0)
    assert not FairShare.objects.filter(organization__in=[people.organization, people.charlie.organization]).exists()
    taken = claim(uuid.uuid4(), {chosen.id: 1}, None)
    assert [one.generation_id for one in taken] == [first]
    assert second not in LineLook().places([second, third])


def test_a_line_before_servers_that_do_not_answer_says_so(people: Cast) -> None:
    chosen = model()
    waiting = ask(people.bob, chosen)
    facts: dict[str, Any] = {"host": "here", "process": 1, "started_at": timezone.now(), "seen_at": timezone.now()}
    beat = WorkerBeat.objects.create(id=uuid.uuid4(), engine={"slots": {str(chosen.id): 0}}, **facts)
    place = LineLook().places([waiting])[waiting]
    assert (place.words, place.seconds) == (NO_SERVER, None)
    beat.engine = {"slots": {str(chosen.id): 2}}
    beat.save()
    assert LineLook().places([waiting])[waiting].words == ""


def test_several_workers_take_each_something_else(lasting: None) -> None:
    chosen, cast = model(for_everyone=False), make_cast()
    chosen.organizations.add(cast.organization)
    # A worker of another test has no place at a server that does not answer.
    Endpoint.objects.create(chat_model=chosen, base_url="http://127.0.0.1:9")
    members = [cast.bob, *(join(cast.organization, person("Dora")) for _ in range(2))]
    with transaction.atomic():
        asked = {ask(member, chosen) for member in members for _ in range(10)}
    taken: list[uuid.UUID] = []

    def work() -> None:
        worker = uuid.uuid4()
        try:
            while held := claim(worker, {chosen.id: 2}, None):
                taken.extend(one.generation_id for one in held)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(taken) == sorted(asked), "each once"
    charged = Generation.objects.filter(id__in=asked).values_list("charged", flat=True)
    assert FairShare.objects.get(organization=cast.organization, user=None).served == sum(charged)
    # No worker holds them: nobody is to look for their ends.
    Generation.objects.filter(id__in=asked).update(state=State.STOPPED, ended_at=timezone.now())
    ChatModel.objects.filter(id=chosen.id).update(removed_at=timezone.now())
