from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from allauth.account.models import EmailAddress

from accounts.actions import organizations, people
from accounts.actions.invitations import invite, usable
from accounts.actions.members import leave
from accounts.actions.passwords import make_password_link
from accounts.errors import EmailTaken, InvitationUnusable, LastOwner, NoAccess, NotAllowed, NotOneself
from accounts.models import Membership, Organization, Role, User
from accounts.queries import membership_for, organizations_of
from audit.models import Event
from tests.cast import Cast, join, person
from tests.database import race


@pytest.fixture
def operator(lasting: None) -> User:
    return person("Oz", is_staff=True, is_superuser=True)


def test_only_operators_may(cast: Cast) -> None:
    bob, alice = cast.bob.user, cast.alice.user
    for call in (
        partial(people.create_person, acting=alice, email="new@example.net", name="New"),
        partial(people.deactivate_person, acting=alice, person=bob),
        partial(people.reactivate_person, acting=alice, person=bob),
        partial(people.change_operator, acting=alice, person=alice, operates=True),
        partial(organizations.deactivate_organization, acting=alice, organization=cast.organization),
        partial(organizations.reactivate_organization, acting=alice, organization=cast.organization),
        partial(make_password_link, acting=alice, person=bob),
    ):
        with pytest.raises(NotAllowed):
            call()


def test_switching_a_person_off_shuts_every_door(cast: Cast, operator: User) -> None:
    people.deactivate_person(acting=operator, person=cast.bob.user)
    with pytest.raises(NoAccess):
        membership_for(cast.bob.user_id, cast.organization.slug)
    people.reactivate_person(acting=operator, person=cast.bob.user)
    assert membership_for(cast.bob.user_id, cast.organization.slug)


def test_the_last_owner_is_not_switched_off(cast: Cast, operator: User) -> None:
    with pytest.raises(LastOwner):
        people.deactivate_person(acting=operator, person=cast.alice.user)
    join(cast.organization, person("Dora"), Role.OWNER)
    people.deactivate_person(acting=operator, person=cast.alice.user)
    assert not User.objects.get(id=cast.alice.user_id).is_active


@pytest.mark.parametrize("attempt", range(5))
def test_leaving_and_switching_off_at_once_keep_an_owner(cast: Cast, operator: User, attempt: int) -> None:
    second = join(cast.organization, person("Dora"), Role.OWNER)
    results = race(
        [
            lambda: leave(acting=second),
            lambda: people.deactivate_person(acting=operator, person=cast.alice.user),
        ]
    )
    assert sum(isinstance(result, LastOwner) for result in results) == 1
    owners = Membership.objects.filter(organization=cast.organization, role=Role.OWNER, user__is_active=True)
    assert owners.count() == 1


def test_an_organization_that_is_switched_off_opens_for_nobody(cast: Cast, operator: User) -> None:
    organizations.deactivate_organization(acting=operator, organization=cast.organization)
    assert cast.organization not in organizations_of(cast.alice.user)
    with pytest.raises(NoAccess):
        membership_for(cast.alice.user_id, cast.organization.slug)
    organizations.reactivate_organization(acting=operator, organization=cast.organization)
    assert membership_for(cast.alice.user_id, cast.organization.slug)


@pytest.mark.parametrize("role", Role)
def test_only_who_administers_renames_the_organization(cast: Cast, role: Role) -> None:
    acting = join(cast.organization, person("Ann"), role)
    if role in (Role.OWNER, Role.ADMIN):
        organizations.rename_organization(acting=acting, name="Acme & Co")
        assert Organization.objects.get(id=cast.organization.id).name == "Acme & Co"
    else:
        with pytest.raises(NotAllowed):
            organizations.rename_organization(acting=acting, name="Acme & Co")


def test_an_address_is_taken_in_any_case(operator: User) -> None:
    known = person("Nina")
    with pytest.raises(EmailTaken):
        people.create_person(acting=operator, email=known.email.upper(), name="Nina")


def test_an_operator_does_not_lock_out_oneself(operator: User) -> None:
    with pytest.raises(NotOneself):
        people.change_operator(acting=operator, person=operator, operates=False)
    with pytest.raises(NotOneself):
        people.deactivate_person(acting=operator, person=operator)
    assert User.objects.get(id=operator.id).is_active


def test_who_is_switched_off_leaves_no_open_invitation_anywhere(cast: Cast, operator: User) -> None:
    dora = person("Dora")
    here, there = (join(place, dora, Role.ADMIN) for place in (cast.organization, cast.charlie.organization))
    tokens = [invite(acting=one, role=Role.MEMBER).token for one in (here, there)]
    organizations.deactivate_organization(acting=operator, organization=cast.charlie.organization)
    people.deactivate_person(acting=operator, person=dora)
    organizations.reactivate_organization(acting=operator, organization=cast.charlie.organization)
    people.reactivate_person(acting=operator, person=dora)
    for token in tokens:
        with pytest.raises(InvitationUnusable):
            usable(token)


def test_each_organization_sees_that_a_password_link_was_made(cast: Cast, operator: User) -> None:
    join(cast.charlie.organization, cast.bob.user)
    make_password_link(acting=operator, person=cast.bob.user)
    events = Event.objects.filter(action="accounts.password.link_made", target_id=str(cast.bob.user_id))
    assert {event.organization_id for event in events} == {
        None,
        cast.organization.id,
        cast.charlie.organization.id,
    }


def test_an_address_that_somebody_has_proved_is_taken(operator: User) -> None:
    known = person("Nina")
    other, claimed = f"other-{known.email}", f"claimed-{known.email}"
    EmailAddress.objects.create(user=known, email=other, verified=True)
    EmailAddress.objects.create(user=known, email=claimed, verified=False)
    with pytest.raises(EmailTaken):
        people.create_person(acting=operator, email=other.upper(), name="Nina")
    assert people.create_person(acting=operator, email=claimed, name="Nina")


def test_operators_are_in_the_record(cast: Cast, operator: User) -> None:
    people.change_operator(acting=operator, person=cast.bob.user, operates=True)
    people.deactivate_person(acting=operator, person=cast.bob.user)
    events = Event.objects.filter(target_id=str(cast.bob.user_id), actor_id=operator.id).order_by("at")
    assert [event.action for event in events] == [
        "accounts.person.operator_changed",
        "accounts.person.deactivated",
    ]


@pytest.mark.parametrize(
    "shut_out", [people.deactivate_person, partial(people.change_operator, operates=False)], ids=["account", "role"]
)
def test_two_operators_who_shut_each_other_out_leave_one(operator: User, shut_out: Callable[..., None]) -> None:
    other = person("Otto", is_staff=True, is_superuser=True)
    results = race(
        [partial(shut_out, acting=operator, person=other), partial(shut_out, acting=other, person=operator)]
    )
    assert sorted(map(repr, results)) == ["None", "NotAllowed()"]
    assert User.objects.filter(id__in=[operator.id, other.id], is_active=True, is_superuser=True).count() == 1


def test_who_operates_already_is_not_made_an_operator_again(operator: User, cast: Cast) -> None:
    for _ in range(2):
        people.change_operator(acting=operator, person=cast.bob.user, operates=True)
    told = Event.objects.filter(action="accounts.person.operator_changed", target_id=str(cast.bob.user.id))
    assert told.count() == 1
