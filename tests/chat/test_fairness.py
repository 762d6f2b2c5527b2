"""Who is next in a line: shares by weight, nobody starves, and a pause saves nothing. In simulated time."""

from __future__ import annotations

import random
import uuid
from datetime import timedelta
from statistics import quantiles

from hypothesis import given, settings
from hypothesis import strategies as st

from chat.fairness import Share, Shares, fair_order
from tests.chat.line_world import BEGUN, Asked, World

ACME, BEES = uuid.UUID(int=1), uuid.UUID(int=2)
seeds = st.integers(min_value=0, max_value=2**32)


def flood(organization_id: uuid.UUID, count: int, draw: random.Random, members: int = 5) -> list[Asked]:
    """Return prompts that all come in the first second, in any order, of any length."""
    people = [uuid.uuid5(organization_id, str(one)) for one in range(members)]
    return [
        Asked(
            at=draw.random(),
            organization_id=organization_id,
            user_id=draw.choice(people),
            tokens=draw.randint(50, 1500),
        )
        for _ in range(count)
    ]


def busy_until(world: World, *organizations: uuid.UUID) -> float:
    """Return until when each of these had somebody in line."""
    return min(
        max(world.begun[one.id] for one in world.order if one.organization_id == place) for place in organizations
    )


@settings(max_examples=25)
@given(seed=seeds, slots=st.integers(min_value=1, max_value=8))
def test_shares_are_as_the_weights_whatever_comes_in_whatever_order(seed: int, slots: int) -> None:
    draw = random.Random(seed)
    world = World(slots, {ACME: 3, BEES: 1})
    world.run([*flood(ACME, 700, draw), *flood(BEES, 300, draw)])
    written = world.tokens(busy_until(world, ACME, BEES), "organization_id")
    assert abs(written[ACME] / sum(written.values()) - 0.75) < 0.05 * 0.75
    assert abs(written[BEES] / sum(written.values()) - 0.25) < 0.05 * 0.25


@settings(max_examples=25)
@given(seed=seeds, slots=st.integers(min_value=1, max_value=8))
def test_members_of_an_organization_are_equals(seed: int, slots: int) -> None:
    draw = random.Random(seed)
    world = World(slots)
    asked = flood(ACME, 600, draw, members=3)
    world.run(asked)
    people = {one.user_id for one in asked}
    until = min(max(world.begun[one.id] for one in asked if one.user_id == person) for person in people)
    written = world.tokens(until, "user_id")
    assert max(written.values()) - min(written.values()) <= 0.1 * sum(written.values()) / 3


@settings(max_examples=50)
@given(seed=seeds, others=st.integers(min_value=1, max_value=30))
def test_nobody_starves(seed: int, others: int) -> None:
    """However many ask for however much: each of the others has a turn before anybody has a third one."""
    draw = random.Random(seed)
    places = [uuid.UUID(int=draw.getrandbits(128)) for _ in range(others)]
    asked = [one for place in (ACME, *places) for one in flood(place, 200 if place == ACME else 1, draw)]
    turns = [turn.waiting.organization_id for turn in fair_order([one.waiting() for one in asked], {})]
    assert set(turns[: others + 1]) == {ACME, *places}


@given(seed=seeds)
def test_everybody_in_line_has_one_place_and_ones_own_prompts_keep_their_order(seed: int) -> None:
    draw = random.Random(seed)
    asked = [one.waiting() for place in (ACME, BEES) for one in flood(place, 30, draw)]
    line = [turn.waiting for turn in fair_order(asked, {(ACME, None): Share(weight=7)})]
    assert sorted(line, key=str) == sorted(asked, key=str)
    for person in {one.user_id for one in asked}:
        mine = [one.queued_at for one in line if one.user_id == person]
        assert mine == sorted(mine)


def test_a_pause_saves_no_credit_and_costs_nothing() -> None:
    shares: Shares = {(ACME, None): Share(served=90_000.0), (BEES, None): Share(served=10.0)}
    mine, theirs = Asked(at=0, organization_id=ACME, user_id=ACME, tokens=1), []
    shares[ACME, None].seen_until = mine.waiting().queued_at
    for at in range(1, 20):
        theirs.append(Asked(at=at, organization_id=BEES, user_id=BEES, tokens=1))
    more = [Asked(at=30 + at, organization_id=ACME, user_id=ACME, tokens=1) for at in range(20)]
    turns = [
        turn.waiting.organization_id for turn in fair_order([one.waiting() for one in [mine, *theirs, *more]], shares)
    ]
    assert abs(turns[:20].count(ACME) - 10) <= 1
    assert BEES in turns[:2]


def test_who_pauses_again_and_again_pays_what_it_owes() -> None:
    """Somebody with one prompt at a time, always a new one, gets no more than their weight."""
    shares: Shares = {(ACME, None): Share(weight=9), (BEES, None): Share(weight=1)}
    line = [Asked(at=at, organization_id=ACME, user_id=ACME, tokens=1).waiting() for at in range(100)]
    turns = []
    for at in range(60):
        if BEES not in {one.organization_id for one in line}:
            line.append(Asked(at=1000 + at, organization_id=BEES, user_id=BEES, tokens=1).waiting())
        taken = next(fair_order(line, shares)).waiting
        line.remove(taken)
        turns.append(taken.organization_id)
    assert 5 <= turns.count(BEES) <= 8


def test_what_an_answer_really_cost_is_put_right() -> None:
    """Two organizations whose answers cost ten times as much here as there get the same tokens."""
    world = World(2)
    long = [Asked(at=0.1 * at, organization_id=ACME, user_id=ACME, tokens=2000) for at in range(60)]
    short = [Asked(at=0.1 * at, organization_id=BEES, user_id=BEES, tokens=200) for at in range(600)]
    world.run([*long, *short])
    written = world.tokens(busy_until(world, ACME, BEES), "organization_id")
    assert abs(written[ACME] / sum(written.values()) - 0.5) < 0.05


@settings(max_examples=15)
@given(seed=seeds, flooding=st.sampled_from((ACME, BEES)))
def test_a_flood_of_one_organization_hardly_delays_another(seed: int, flooding: uuid.UUID) -> None:
    """One asks 200 times at once; people of the other ask one after another, each an answer of a second."""
    draw = random.Random(seed)
    other = ACME if flooding == BEES else BEES
    world = World(4, {ACME: 3, BEES: 1})
    calm = [Asked(at=2 + 1.5 * at, organization_id=other, user_id=other, tokens=100) for at in range(25)]
    world.run(
        [
            *(Asked(at=draw.random(), organization_id=flooding, user_id=flooding, tokens=100) for _ in range(200)),
            *calm,
        ]
    )
    waits = [world.begun[one.id] - one.at for one in calm]
    slot = 1.0
    # Unloaded nobody waits at all.
    assert quantiles(waits, n=20)[-1] <= slot + 1e-9


def test_a_long_answer_holds_one_place_and_nobody_waits_for_its_end() -> None:
    world = World(2)
    essay = Asked(at=0, organization_id=ACME, user_id=ACME, tokens=60_000)
    others = [Asked(at=0.1 + at / 10, organization_id=BEES, user_id=BEES, tokens=100) for at in range(20)]
    world.run([essay, *others])
    assert max(world.ended[one.id] for one in others) < 25 < world.ended[essay.id]


def test_the_queue_may_be_cut_to_one_more_than_is_taken() -> None:
    line = [Asked(at=at, organization_id=ACME, user_id=BEES, tokens=1).waiting() for at in range(50)]
    whole, cut = dict[object, Share](), dict[object, Share]()
    first = next(fair_order(line, whole))  # type: ignore[arg-type]
    assert next(fair_order(line[:2], cut)) == first  # type: ignore[arg-type]
    assert cut[ACME, None].seen_until == BEGUN + timedelta(seconds=1)
