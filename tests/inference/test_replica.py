"""The choice between replicas: the least busy of those that are well, in turns, and what is left when none is."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.breaker import FAILURES, FIRST_PAUSE
from inference.engine import Capabilities, Engine, PromptFormat
from inference.errors import EngineUnreachable
from inference.replica import Address, EndpointFacts, Replica, choose, corrected

FOUND = Engine(base_url="http://one/v1", model="hermes", context_length=8192, streams=8)


def replica(*, running: int = 0, found: Engine | None = FOUND) -> Replica:
    made = Replica(
        EndpointFacts(
            id=uuid.uuid4(),
            model_id=uuid.uuid4(),
            model_name="Hermes",
            address=Address(base_url="http://one/v1"),
        )
    )
    if found is not None:
        made.answered(found)
    made.running = running
    return made


def broken(one: Replica, now: float = 0.0) -> Replica:
    for _ in range(FAILURES):
        one.breaker.failed(one.breaker.begin(now), now)
    return one


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 20)), min_size=1, max_size=6), st.integers(0, 100))
def test_the_least_busy_is_chosen(loads: list[tuple[int, int]], turn: int) -> None:
    several = [replica(running=running, found=replace(FOUND, streams=most)) for running, most in loads]
    chosen = choose(several, now=0, turn=turn)
    assert chosen.running / chosen.limit == min(running / most for running, most in loads)


def test_equally_busy_ones_take_turns() -> None:
    several = [replica() for _ in range(3)]
    assert set(Counter(choose(several, now=0, turn=turn).facts.id for turn in range(30)).values()) == {10}


def test_one_that_does_not_answer_is_passed_over() -> None:
    well, away = replica(running=7), replica()
    away.silent("It is away.")
    assert choose([well, away], now=0) is well


def test_one_that_failed_often_is_passed_over_and_then_tried_once() -> None:
    well, failing = replica(), broken(replica())
    assert choose([well, failing], now=0) is well
    assert choose([well, failing], now=FIRST_PAUSE) is failing
    failing.breaker.begin(FIRST_PAUSE)
    assert choose([well, failing], now=FIRST_PAUSE) is well


def test_what_failed_there_is_not_sent_there_again() -> None:
    one, other = replica(), replica(running=5)
    assert choose([one, other], now=0, avoid={one.facts.id}) is other
    with pytest.raises(EngineUnreachable):
        choose([one], now=0, avoid={one.facts.id})


def test_a_lone_server_that_answers_is_asked_although_it_failed_often() -> None:
    failing = broken(replica())
    assert choose([failing], now=0) is failing


def test_a_lone_server_that_is_away_and_failed_often_is_left_alone() -> None:
    away = replica()
    away.silent("It is away.")
    assert choose([away], now=0) is away
    with pytest.raises(EngineUnreachable):
        choose([broken(away)], now=0)


def test_a_server_that_nothing_is_known_of_is_not_asked() -> None:
    with pytest.raises(EngineUnreachable):
        choose([replica(found=None)], now=0)


def test_a_server_that_came_back_begins_anew() -> None:
    one = broken(replica())
    assert one.health == "open"
    one.answered(FOUND)
    assert one.health == "open", "that it says what it is does not prove that it answers"
    one.silent("It is away.")
    assert one.health == "down"
    one.answered(FOUND)
    assert one.health == "up"


def test_a_server_that_is_another_now_begins_anew() -> None:
    one = broken(replica())
    one.answered(replace(FOUND, model="another"))
    assert one.health == "up"


def test_while_requests_wait_in_it_it_gets_no_more() -> None:
    one = replica(running=3)
    assert one.room(0) == 5
    one.waiting = 2
    assert (one.limit, one.room(0)) == (3, 0)
    one.running = 0
    assert one.room(0) == 1, "one at least: else nothing would ever move"


def test_a_trial_under_way_is_awaited() -> None:
    one = broken(replica())
    one.breaker.begin(FIRST_PAUSE)
    assert one.room(FIRST_PAUSE) == 0


def test_the_operators_word_stands_over_what_was_discovered() -> None:
    facts = replace(
        replica().facts,
        prompt_format=PromptFormat.LLAMA3,
        max_streams=2,
        declared={"context_length": 4096, "reasoning": True, "tools": False, "schema": None},
    )
    engine = corrected(replace(FOUND, capabilities=Capabilities(tools=True, schema=True)), facts)
    assert (engine.context_length, engine.streams, engine.prompt_format) == (4096, 2, PromptFormat.LLAMA3)
    assert engine.capabilities == Capabilities(reasoning=True, tools=False, schema=True)
    assert corrected(FOUND, replica().facts) == FOUND
