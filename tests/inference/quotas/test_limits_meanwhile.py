"""A limit that is set while answers are being written: they count at their end, each once, whenever that is."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Group, GroupMembership, Membership
from inference.models import LedgerEntry, UsageWindow
from inference.quotas.amount import Amounts
from inference.quotas.limits import standing_of
from inference.quotas.measure import COUNTED, Measure, periods_of
from inference.quotas.reservation import reconcile, reserve, settle_windows
from inference.usage import Usage
from tests.cast import Cast, make_cast
from tests.database import race
from tests.limits import set_limit

USAGE = Usage(prompt=30, answer=12, reasoning=5)
USED = {
    Measure.TOKENS: 47,
    Measure.PROMPT: 30,
    Measure.ANSWER: 12,
    Measure.REASONING: 5,
    Measure.REQUESTS: 1,
    Measure.RUNNING: 0,
}
KINDS = [(measure, period) for measure in sorted(COUNTED) for period in periods_of(measure)]
SUBJECTS = ("organization", "group", "group-member", "member", "person")
AT_ONCE = 4


def group_of(cast: Cast) -> Group:
    """Return a group with Bob in it."""
    group = Group.objects.create(organization=cast.organization, name="Research")
    GroupMembership.objects.create(group=group, membership=cast.bob)
    return group


def limit(cast: Cast, group: Group, subject: str, measure: str, period: str) -> None:
    set_limit(
        acting=cast.alice,
        subject=subject,
        measure=measure,
        period=period,
        hard=10**9,
        group_id=group.id if subject.startswith("group") else None,
        user_id=cast.bob.user_id if subject == "person" else None,
    )


def begun(member: Membership) -> LedgerEntry:
    """Reserve what an answer may cost."""
    standing = standing_of(member.organization_id, member.user_id)
    entry = LedgerEntry(
        purpose="answer", organization_id=member.organization_id, user_id=member.user_id, groups=standing.groups
    )
    with transaction.atomic():
        reserve(entry, standing.limits, Amounts(prompt=50, answer=50, reasoning=20), timezone.now())
    return entry


def ended(entry: LedgerEntry) -> None:
    """Settle it."""
    with transaction.atomic():
        moved = LedgerEntry.objects.filter(id=entry.id, outcome="reserved").update(
            outcome="done",
            prompt_tokens=USAGE.prompt,
            answer_tokens=USAGE.answer,
            reasoning_tokens=USAGE.reasoning,
        )
        assert moved == 1
        settle_windows(entry, USAGE)


def check(cast: Cast) -> None:
    """Nothing is reserved any more, and each window holds what the ledger says of the answers in its period."""
    for window in UsageWindow.objects.filter(organization=cast.organization):
        count = LedgerEntry.objects.filter(
            organization_id=cast.organization.id, created_at__gte=window.starts_at, outcome="done"
        ).count()
        # The windows of a minute or an hour that has passed meanwhile hold fewer.
        if window.period not in ("minute", "hour"):
            assert window.used == count * USED[Measure(window.measure)], window.measure
        assert window.reserved == 0
    assert reconcile(cast.organization.id) == []


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize(("measure", "period"), KINDS, ids=" ".join)
def test_answers_that_ran_before_count_at_their_end(cast: Cast, measure: str, period: str, subject: str) -> None:
    group = group_of(cast)
    before = [begun(cast.bob), begun(cast.bob)]
    limit(cast, group, subject, measure, period)
    ended(before[0])
    # The window is made by the first who asks for room in it.
    after = begun(cast.bob)
    assert UsageWindow.objects.filter(organization=cast.organization, measure=measure, period=period).exists()
    ended(before[1])
    ended(after)
    check(cast)


@given(
    st.lists(
        st.one_of(
            st.just("begin"),
            st.integers(0, 5),
            st.tuples(st.sampled_from(SUBJECTS), st.sampled_from([one for one in KINDS if one[1] in ("", "month")])),
        ),
        max_size=14,
    )
)
@settings(max_examples=40)
@pytest.mark.usefixtures("lasting")
def test_in_every_order(steps: list[str | int | tuple[str, tuple[str, str]]]) -> None:
    cast = make_cast()
    group, running = group_of(cast), [begun(cast.bob)]
    for step in steps:
        if isinstance(step, tuple):
            limit(cast, group, step[0], *step[1])
        elif step == "begin":
            running.append(begun(cast.bob))
        elif isinstance(step, int) and running:
            ended(running.pop(step % len(running)))
    for entry in running:
        ended(entry)
    check(cast)


@pytest.mark.parametrize("round", range(8))
def test_at_the_same_moment(cast: Cast, round: int) -> None:
    group = group_of(cast)
    running = [begun(cast.bob) for _ in range(AT_ONCE)]
    for measure in ("tokens", "requests"):
        limit(cast, group, "organization", measure, "month")
        limit(cast, group, "member", measure, "month")
    found = race([*[partial(ended, entry) for entry in running], *[partial(begun, cast.bob)] * AT_ONCE])
    assert not [one for one in found if isinstance(one, BaseException)]
    for entry in found:
        if isinstance(entry, LedgerEntry):
            ended(entry)
    windows = UsageWindow.objects.filter(organization=cast.organization)
    assert windows.count() == 4
    assert {one.used for one in windows if one.measure == "requests"} == {2 * AT_ONCE}
    check(cast)
