"""Exemptions: who gets one and for how long, and whose text is whose at a moment."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actions.groups import add_to_group, create_group
from accounts.models import Group, Role
from audit.models import Event
from moderation.actions.exemptions import LONGEST, grant, revoke
from moderation.errors import NoSuchExemption, NotAllowed, Refused
from moderation.models import Exemption
from moderation.policy import Audience
from moderation.queries import audience_of, audiences_of, exemptions_of, live_exemptions
from tests.cast import Cast, join, make_cast, person
from tests.moderation.policies import policy, published, rule

REASON = "Red team, until the release"
DAY = timedelta(days=1)
MOMENTS = st.integers(0, 10).map(lambda day: datetime(2026, 11, 1, tzinfo=UTC) + day * DAY)


@pytest.fixture
def cast(lasting: None) -> Cast:
    """People whose organization enforces two rules."""
    made = make_cast()
    published(made.alice, replace(policy(), rules=(rule(), replace(rule("pears"), category="more-fruit"))))
    return made


def bobs(cast: Cast, **changed: Any) -> dict[str, Any]:
    """What grants Bob a day of plums."""
    wanted = {"user_id": cast.bob.user_id, "rule": "plums", "reason": REASON, "ends_at": timezone.now() + DAY}
    return {"acting": cast.alice, **wanted, **changed}


def of_bob(cast: Cast, now: datetime | None = None) -> Audience:
    return audience_of(cast.organization.id, cast.bob.user_id, now or timezone.now())


def group_of_bob(cast: Cast, name: str = "Red team") -> Group:
    group = create_group(acting=cast.alice, name=name)
    add_to_group(acting=cast.alice, group=group, member=cast.bob)
    return group


def test_a_person_is_exempt_until_it_ends_and_nobody_has_to_end_it(cast: Cast) -> None:
    made = grant(**bobs(cast))
    assert of_bob(cast) == Audience(role="member", exempt_rules=frozenset({"plums"}))
    assert of_bob(cast, made.ends_at) == Audience()
    assert of_bob(cast, made.starts_at - timedelta(microseconds=1)) == Audience()
    assert audience_of(cast.organization.id, cast.alice.user_id, timezone.now()) == Audience(role="owner")


def test_a_group_is_exempt_as_long_as_one_is_in_it(cast: Cast) -> None:
    group = group_of_bob(cast)
    grant(**bobs(cast, user_id=None, group_id=group.id, rule="", category="more-fruit"))
    expected = Audience(groups=frozenset({"Red team"}), exempt_categories=frozenset({"more-fruit"}))
    assert of_bob(cast) == expected
    group.members.clear()
    assert of_bob(cast) == Audience()


def test_exemptions_of_another_organization_do_not_count(cast: Cast) -> None:
    other = make_cast()
    published(other.alice, policy())
    join(other.organization, cast.bob.user)
    grant(**bobs(other, user_id=cast.bob.user_id))
    assert of_bob(cast) == Audience()


def test_revoking_ends_it_at_once_and_for_good(cast: Cast) -> None:
    made = grant(**bobs(cast))
    first = revoke(acting=cast.alice, exemption_id=made.id)
    again = revoke(acting=cast.alice, exemption_id=made.id)
    assert (first.revoked_at, first.revoked_by_id) == (again.revoked_at, cast.alice.user_id)
    assert of_bob(cast) == Audience()


def test_the_record_says_who_what_why_and_until_when(cast: Cast) -> None:
    made = grant(**bobs(cast))
    revoke(acting=cast.alice, exemption_id=made.id)
    revoke(acting=cast.alice, exemption_id=made.id)
    told = Event.objects.filter(target_id=str(made.id)).order_by("at", "id")
    assert [one.action for one in told] == ["moderation.exemption.granted", "moderation.exemption.revoked"]
    assert told[0].actor_id == made.granted_by_id == cast.alice.user_id
    assert told[0].facts == {
        "member": str(cast.bob.user_id),
        "group": None,
        "category": "",
        "rule": "plums",
        "reason": REASON,
        "starts_at": made.starts_at.isoformat(),
        "ends_at": made.ends_at.isoformat(),
    }


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"reason": "  short   "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"ends_at": timezone.now() - DAY}, "ends_at"),
        ({"ends_at": timezone.now() + LONGEST + DAY}, "ends_at"),
        ({"starts_at": timezone.now() + 3 * DAY}, "ends_at"),
        ({"rule": ""}, "category"),
        ({"category": "fruit"}, "category"),
        ({"rule": "", "category": "cake"}, "category"),
        ({"rule": "cake"}, "rule"),
        ({"user_id": None}, "user"),
        ({"group_id": 1}, "user"),
        ({"user_id": uuid.uuid4()}, "user"),
        ({"user_id": None, "group_id": 0}, "group"),
    ],
)
def test_what_cannot_be_granted_is_refused_in_words(cast: Cast, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as told:
        grant(**bobs(cast, **changed))
    assert told.value.field == field
    assert not exemptions_of(cast.organization.id).exists()


def test_strangers_and_their_groups_get_none(cast: Cast) -> None:
    theirs = create_group(acting=cast.charlie, name="Theirs")
    with pytest.raises(Refused):
        grant(**bobs(cast, user_id=cast.charlie.user_id))
    with pytest.raises(Refused):
        grant(**bobs(cast, user_id=None, group_id=theirs.id))


def test_without_a_policy_there_is_nothing_to_be_exempt_from(cast: Cast) -> None:
    with pytest.raises(Refused, match="No policy"):
        grant(**bobs(cast, acting=cast.charlie, user_id=cast.charlie.user_id))


def test_only_administrators_grant_and_revoke_and_only_at_home(cast: Cast) -> None:
    made = grant(**bobs(cast))
    for acting in (cast.bob, join(cast.organization, person("Rita"), Role.REVIEWER)):
        with pytest.raises(NotAllowed):
            grant(**bobs(cast, acting=acting))
        with pytest.raises(NotAllowed):
            revoke(acting=acting, exemption_id=made.id)
    with pytest.raises(NoSuchExemption):
        revoke(acting=cast.charlie, exemption_id=made.id)


def test_one_that_is_to_begin_in_the_past_begins_now(cast: Cast) -> None:
    made = grant(**bobs(cast, starts_at=timezone.now() - 30 * DAY))
    assert made.starts_at == made.created_at


def test_several_people_are_read_in_one_statement(cast: Cast) -> None:
    group_of_bob(cast, "Blue")
    group_of_bob(cast, "Green")
    grant(**bobs(cast))
    grant(**bobs(cast, rule="", category="fruit"))
    here, stranger = cast.organization.id, (cast.organization.id, cast.charlie.user_id)
    pairs = [(here, cast.alice.user_id), (here, cast.bob.user_id), stranger]
    with CaptureQueriesContext(connection) as told:
        found = audiences_of([*pairs, *pairs], timezone.now())
    assert len(told) == 1
    assert found == {
        pairs[0]: Audience(role="owner"),
        pairs[1]: Audience(
            groups=frozenset({"Blue", "Green"}),
            exempt_rules=frozenset({"plums"}),
            exempt_categories=frozenset({"fruit"}),
        ),
        stranger: Audience(),
    }
    assert audiences_of([], timezone.now()) == {}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(MOMENTS, MOMENTS, st.one_of(st.none(), MOMENTS), st.booleans()), max_size=5),
    MOMENTS,
)
def test_an_exemption_holds_from_its_beginning_to_its_end_unless_it_was_revoked(
    cast: Cast, kept: list[tuple[datetime, datetime, datetime | None, bool]], now: datetime
) -> None:
    Exemption.objects.filter(organization=cast.organization).delete()
    for number, (starts_at, ends_at, revoked_at, by_rule) in enumerate(kept):
        name = {"rule": f"r{number}"} if by_rule else {"category": f"c{number}"}
        Exemption.objects.create(
            organization=cast.organization,
            user=cast.bob.user,
            starts_at=starts_at,
            ends_at=ends_at,
            revoked_at=revoked_at,
            **name,
        )
    live = {
        number
        for number, (starts_at, ends_at, revoked_at, _) in enumerate(kept)
        if starts_at <= now < ends_at and revoked_at is None
    }
    assert of_bob(cast, now) == Audience(
        exempt_rules=frozenset(f"r{number}" for number in live if kept[number][3]),
        exempt_categories=frozenset(f"c{number}" for number in live if not kept[number][3]),
    )
    assert live_exemptions(cast.organization.id, now).count() == len(live)
