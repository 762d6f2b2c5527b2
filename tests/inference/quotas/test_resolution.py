"""Which limit holds for a person: the nearest word, the largest group, the smaller of operator and admin."""

from __future__ import annotations

import uuid
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from inference.models import QuotaLimit
from inference.quotas.caps import Caps, caps_of
from inference.quotas.limit import Limit, Subject
from inference.quotas.resolution import Person, Written, effective

BOB, EVE = uuid.UUID(int=1), uuid.UUID(int=2)
PERSON = Person(organization_id=uuid.UUID(int=9), organization="Acme", user_id=BOB, groups=(1, 2))


def written(subject: str, hard: int | None, **more: object) -> Written:
    facts: dict[str, object] = {"group_id": None, "group": "", "user_id": None, "measure": "tokens", "period": "day"}
    flags = {"by_operator": False, "is_default": False, "soft": None}
    return Written(id=uuid.uuid4(), subject=subject, hard=hard, **facts | flags | more)  # type: ignore[arg-type]


def hards(*rows: Written, person: Person = PERSON) -> list[int | None]:
    return [one.hard for one in effective(rows, person)]


EVERYBODY = written("member", 100)
OF_ONE_GROUP = written("group-member", 200, group_id=1, group="Research")
OF_ANOTHER = written("group-member", 300, group_id=2, group="Legal")
OWN = written("person", 50, user_id=BOB)
DEFAULT = written("member", 10, is_default=True, by_operator=True)
OPERATORS = written("member", 80, by_operator=True)


def test_the_nearest_word_holds() -> None:
    assert hards(DEFAULT) == [10]
    assert hards(DEFAULT, EVERYBODY) == [100]
    assert hards(DEFAULT, EVERYBODY, OF_ONE_GROUP, OF_ANOTHER) == [300]
    assert hards(DEFAULT, EVERYBODY, OF_ONE_GROUP, OF_ANOTHER, OWN) == [50]


def test_operator_and_admin_both_hold() -> None:
    assert hards(EVERYBODY, OPERATORS) == [80]
    assert hards(OWN, OPERATORS) == [50]
    pools = [written("organization", 1000, is_default=True, by_operator=True), written("organization", 5000)]
    assert hards(*pools) == [1000], "an organization is not laxer than its operator"
    assert hards(*pools, written("organization", 9000, by_operator=True)) == [5000]


def test_others_limits_are_no_matter() -> None:
    assert (
        hards(
            written("person", 1, user_id=EVE), written("group", 1, group_id=3), written("group-member", 1, group_id=3)
        )
        == []
    )
    nobody = replace(PERSON, user_id=None, groups=())
    assert hards(EVERYBODY, OWN, OF_ONE_GROUP, written("organization", 7), person=nobody) == [7]


def test_pools_and_periods_hold_side_by_side() -> None:
    rows = [
        EVERYBODY,
        written("organization", 1),
        written("group", 2, group_id=1, group="Research"),
        written("group", 3, group_id=2, group="Legal"),
        written("member", 4, period="month"),
        written("member", 5, measure="answer"),
    ]
    assert sorted(hard or 0 for hard in hards(*rows)) == [1, 2, 3, 4, 5, 100]
    labels = {one.label: (one.owner, one.owner_id) for one in effective(rows, PERSON)}
    assert labels["Group Research"] == ("group", "1")
    assert labels["Acme"] == ("organization", str(PERSON.organization_id))
    assert labels["Each member"] == ("person", str(BOB))


ROWS = st.builds(
    written,
    st.sampled_from([one.value for one in Subject]),
    st.none() | st.integers(1, 100),
    soft=st.none() | st.integers(1, 100),
    group_id=st.sampled_from([1, 2, 3]),
    user_id=st.sampled_from([BOB, EVE]),
    by_operator=st.booleans(),
)


@given(rows=st.lists(ROWS, max_size=12), order=st.randoms())
def test_the_order_of_rows_is_no_matter(rows: list[Written], order: object) -> None:
    def said(found: tuple[Limit, ...]) -> list[tuple[object, ...]]:
        return sorted((one.owner, one.owner_id, one.soft or 0, one.hard or 0) for one in found)

    mixed = list(rows)
    order.shuffle(mixed)  # type: ignore[attr-defined]
    assert said(effective(rows, PERSON)) == said(effective(mixed, PERSON))
    owners = [(one.owner, one.owner_id, one.measure, one.period) for one in effective(rows, PERSON)]
    assert len(owners) == len(set(owners)), "each window has one limit"


@given(rows=st.lists(ROWS, max_size=12), more=ROWS)
def test_an_operators_pool_only_ever_tightens(rows: list[Written], more: Written) -> None:
    operators = replace(more, subject="organization", by_operator=True)
    pools = [row for row in rows if row.subject == "organization" and not row.by_operator]
    before, after = hards(*pools), hards(*pools, operators)
    if before and before[0] is not None:
        assert after[0] is not None and after[0] <= before[0]
    if operators.hard is not None:
        assert after[0] is not None and after[0] <= operators.hard


def test_caps_are_the_smallest() -> None:
    rows = [
        written("organization", 900, measure="budget", period=""),
        written("member", 500, measure="budget", period=""),
    ]
    assert caps_of(effective(rows, PERSON)) == Caps(budget=500)
    assert {one.value for one in Subject} == {one.value for one in QuotaLimit.Subject}
