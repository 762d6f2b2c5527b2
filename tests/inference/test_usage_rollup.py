"""The days that are added up are the ledger's sums, exactly, however often and in whatever order."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from inference.models import LedgerEntry, UsageDay, UsageGroupDay
from inference.percentile import percentile
from inference.usage_report import Scope, Sums, groups_report, members_report, report
from inference.usage_rollup import first_day_to_roll_up, roll_up
from inference.usage_statements import BOUNDS
from tests.database import race

FIRST = date(2031, 3, 1)
DAYS = 4
PEOPLE = [uuid.uuid4() for _ in range(3)]
MODELS = [(None, ""), (uuid.uuid4(), "hermes"), (uuid.uuid4(), "hermes"), (None, "other")]
Outcome = LedgerEntry.Outcome
SETTLED = [one.value for one in Outcome if one != Outcome.RESERVED]

entries = st.lists(
    st.fixed_dictionaries(
        {
            "day": st.integers(0, DAYS - 1),
            "second": st.integers(0, 86_399),
            "user_id": st.sampled_from([None, *PEOPLE]),
            "model": st.sampled_from(MODELS),
            "purpose": st.sampled_from(list(LedgerEntry.Purpose.values)),
            "outcome": st.sampled_from([Outcome.RESERVED.value, *SETTLED]),
            "estimated": st.booleans(),
            "groups": st.lists(st.integers(1, 3), unique=True),
            "tokens": st.tuples(*[st.integers(0, 2**31 - 1)] * 4),
            "first_token_ms": st.none() | st.integers(0, 100_000) | st.sampled_from(BOUNDS),
        }
    ),
    max_size=25,
)
Facts = dict[str, Any]


def stored(organization: uuid.UUID, facts: Facts) -> LedgerEntry:
    at = datetime.combine(FIRST, time.min, UTC) + timedelta(days=facts["day"], seconds=facts["second"])
    prompt, cached, answer, reasoning = facts["tokens"]
    return LedgerEntry(
        organization_id=organization,
        user_id=facts["user_id"],
        chat_model_id=facts["model"][0],
        model=facts["model"][1],
        purpose=facts["purpose"],
        outcome=facts["outcome"],
        estimated=facts["estimated"],
        groups=facts["groups"],
        prompt_tokens=prompt,
        cached_tokens=cached,
        answer_tokens=answer,
        reasoning_tokens=reasoning,
        first_token_ms=facts["first_token_ms"],
        created_at=at - timedelta(minutes=1),
        settled_at=None if facts["outcome"] == Outcome.RESERVED else at,
    )


def settled(facts: Sequence[Facts]) -> list[Facts]:
    return [one for one in facts if one["outcome"] != Outcome.RESERVED]


def summed(facts: Sequence[Facts]) -> Sums:
    total = Sums()
    for one in facts:
        prompt, cached, answer, reasoning = one["tokens"]
        total.add(
            Sums(
                calls=1,
                withheld=one["outcome"] in ("withheld", "held"),
                failed=one["outcome"] == "failed",
                estimated=one["estimated"],
                prompt=prompt,
                cached=cached,
                answer=answer,
                reasoning=reasoning,
            )
        )
    return total


def by(facts: Sequence[Facts], name: str) -> dict[Any, Sums]:
    found = defaultdict(list)
    for one in facts:
        found[one[name]].append(one)
    return {key: summed(ones) for key, ones in found.items()}


def rows(organization: uuid.UUID) -> list[Facts]:
    found: list[Facts] = [dict(one) for one in UsageDay.objects.filter(organization_id=organization).values()]
    found += [dict(one) for one in UsageGroupDay.objects.filter(organization_id=organization).values()]
    return sorted(({**one, "id": None} for one in found), key=str)


@pytest.fixture
def organization(lasting: None) -> uuid.UUID:
    return uuid.uuid4()


@given(facts=entries, order=st.permutations(range(DAYS)), again=st.integers(0, DAYS - 1))
@examples(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_report_is_the_ledger(lasting: None, facts: list[Facts], order: list[int], again: int) -> None:
    organization = uuid.uuid4()
    LedgerEntry.objects.bulk_create([stored(organization, one) for one in facts])
    for day in (*order, again):
        roll_up(FIRST + timedelta(days=day))
    whole = Scope(organization_id=organization)
    last = FIRST + timedelta(days=DAYS - 1)
    found, members = report(whole, FIRST, last), members_report(whole, FIRST, last)
    counted = settled(facts)
    assert found.total == summed(counted)
    assert dict(found.models) == by(counted, "model")
    assert dict(found.purposes) == by(counted, "purpose")
    assert {(day - FIRST).days: one.sums for day, one in found.days.items()} == by(counted, "day")
    for moment, one in found.days.items():
        those = [fact for fact in counted if fact["day"] == (moment - FIRST).days]
        assert one.people == len({fact["user_id"] for fact in those} - {None})
        timed = [fact for fact in those if fact["purpose"] == "answer" and fact["first_token_ms"] is not None]
        assert one.first_token == Counter(within(fact["first_token_ms"]) for fact in timed)
    for user_id in PEOPLE:
        mine = [fact for fact in counted if fact["user_id"] == user_id]
        assert members.get(user_id, {}) == by(mine, "model")
        own = report(Scope(organization_id=organization, user_id=user_id), FIRST, last)
        assert own.total == summed(mine)
    assert {one.group_id: one.prompt for one in groups_report(whole, FIRST, last)} == {
        group: sum(fact["tokens"][0] for fact in counted if group in fact["groups"])
        for group in {group for fact in counted for group in fact["groups"]}
    }


def within(milliseconds: int) -> str:
    return next((str(bound) for bound in BOUNDS if milliseconds <= bound), "more")


def a_call(day: int = 0, **more: Any) -> Facts:
    usual = {"second": 5, "user_id": PEOPLE[0], "model": MODELS[1], "purpose": "answer", "outcome": "done"}
    return {
        **usual,
        "estimated": False,
        "groups": [1],
        "tokens": (7, 0, 5, 3),
        "first_token_ms": 90,
        "day": day,
        **more,
    }


def test_adding_a_day_up_again_changes_nothing(organization: uuid.UUID) -> None:
    LedgerEntry.objects.bulk_create([stored(organization, a_call(user_id=one)) for one in (*PEOPLE, None)])
    roll_up(FIRST)
    before = rows(organization)
    assert before
    roll_up(FIRST)
    assert rows(organization) == before


def test_many_who_add_the_same_day_up_at_once_count_it_once(organization: uuid.UUID) -> None:
    LedgerEntry.objects.bulk_create([stored(organization, a_call(user_id=one)) for one in PEOPLE])
    race([lambda: roll_up(FIRST)] * 6)
    assert report(Scope(organization_id=organization), FIRST, FIRST).total.calls == 3


def test_another_organization_is_not_in_it(organization: uuid.UUID) -> None:
    LedgerEntry.objects.bulk_create([stored(uuid.uuid4(), a_call())])
    roll_up(FIRST)
    assert report(Scope(organization_id=organization), FIRST, FIRST).total.calls == 0


def test_missed_nights_are_made_up_for(unseen: None) -> None:
    LedgerEntry.objects.all().delete()
    UsageDay.objects.all().delete()
    yesterday = FIRST + timedelta(days=10)
    assert first_day_to_roll_up(yesterday) == yesterday
    organization = uuid.uuid4()
    LedgerEntry.objects.bulk_create([stored(organization, a_call(day)) for day in (1, 2)])
    assert first_day_to_roll_up(yesterday) == FIRST + timedelta(days=1)
    roll_up(FIRST + timedelta(days=1))
    # It may have been added up while it went on.
    assert first_day_to_roll_up(yesterday) == FIRST + timedelta(days=1)


@given(times=st.lists(st.integers(0, 59_999), min_size=1), share=st.floats(0.01, 1))
def test_a_percentile_is_within_the_bounds_of_the_right_one(times: list[int], share: float) -> None:
    found = percentile(Counter(map(within, times)), share)
    exact = sorted(times)[max(-(-share * len(times) // 1) - 1, 0).__int__()]
    above = int(within(exact))
    below = max((bound for bound in BOUNDS if bound < above), default=0)
    assert found is not None and below <= found <= above


def test_without_calls_there_is_no_percentile() -> None:
    assert percentile({}, 0.5) is None
    assert percentile({"more": 2}, 0.5) == BOUNDS[-1]
