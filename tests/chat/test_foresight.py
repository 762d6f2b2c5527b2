"""Estimates of a wait, against what then happens in simulated time."""

from __future__ import annotations

import random
import uuid
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from chat.foresight import Pace, foresee, pace_of
from tests.chat.line_world import Asked, World

ACME = uuid.UUID(int=1)


def test_the_next_begins_when_the_first_slot_is_free() -> None:
    line = [uuid.uuid4() for _ in range(5)]
    seen = foresee(line, running=[9.0, 4.0], slots=2, pace=Pace((10.0, 10.0, 10.0)))
    assert [(seen[one].place, seen[one].of) for one in line] == [(at, 5) for at in range(1, 6)]
    assert [round(seen[one].seconds or 0) for one in line] == [1, 6, 11, 16, 21]


def test_nothing_is_said_of_time_where_nothing_is_known() -> None:
    one = uuid.uuid4()
    assert foresee([one], running=[1.0], slots=1, pace=Pace(()))[one].seconds is None
    assert foresee([one], running=[], slots=0, pace=Pace((1.0,)))[one].seconds is None


def test_a_slot_more_than_there_are_makes_room_for_nobody() -> None:
    one = uuid.uuid4()
    seen = foresee([one], running=[0.0, 5.0], slots=1, pace=Pace((10.0,)))
    assert round(seen[one].seconds or 0) == 10


def test_what_is_lost_between_two_answers_is_counted() -> None:
    pace = pace_of([1.0] * 20, slots=4, ended=20, seconds=10.0)
    assert round(pace.gap, 6) == 1.0, "each slot has made one answer in two seconds"
    assert pace_of([1.0] * 20, slots=4, ended=3, seconds=10.0).gap == 0.0, "too few to tell"


@given(
    durations=st.lists(st.floats(min_value=0.1, max_value=600), min_size=1, max_size=50), elapsed=st.floats(0, 900)
)
def test_what_is_left_is_never_less_than_nothing(durations: list[float], elapsed: float) -> None:
    pace = Pace(durations)
    assert pace.left(elapsed) > 0
    assert min(durations) * 0.999 <= pace.typical <= max(durations) * 1.001


SECONDS = st.floats(min_value=0, max_value=900)


@given(
    durations=st.lists(SECONDS, max_size=50),
    running=st.lists(SECONDS, max_size=9),
    slots=st.integers(0, 8),
    ended=st.integers(0, 50),
    seconds=SECONDS,
)
def test_whatever_was_measured_a_place_is_told(
    durations: list[float], running: list[float], slots: int, ended: int, seconds: float
) -> None:
    """Also where answers took no time at all, or no worker has a slot."""
    line = [uuid.uuid4() for _ in range(5)]
    seen = foresee(line, running, slots, pace_of(durations, slots=slots, ended=ended, seconds=seconds))
    assert [seen[one].place for one in line] == [1, 2, 3, 4, 5]
    told = [seen[one].seconds for one in line]
    if slots and durations:
        assert told == sorted(one for one in told if one is not None and one >= 0)
    else:
        assert told == [None] * 5


def test_estimates_are_right_within_a_third_at_the_median() -> None:
    """Answers of every length, a line of forty: each is told a time, and that is compared with the one that came."""
    errors = []
    for seed in range(20):
        draw = random.Random(seed)
        asked = [
            Asked(at=at / 1000, organization_id=ACME, user_id=ACME, tokens=round(draw.lognormvariate(6, 0.7)))
            for at in range(90)
        ]
        world = World(4)
        world.run(asked)
        now = sorted(world.ended.values())[40]
        ended = sorted((one for one in asked if world.ended[one.id] <= now), key=lambda one: -world.ended[one.id])
        running = [now - world.begun[one.id] for one in asked if world.begun[one.id] <= now < world.ended[one.id]]
        line = [one.id for one in world.order if world.begun[one.id] > now]
        seen = foresee(line, running, 4, Pace([one.seconds for one in ended]))
        errors += [abs((seen[one].seconds or 0) + now - world.begun[one]) / (world.begun[one] - now) for one in line]
    assert median(errors) <= 0.3
