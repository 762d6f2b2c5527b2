from __future__ import annotations

from functools import partial

import pytest

from accounts.actions import organizations, people
from accounts.actions.members import leave
from accounts.actions.passwords import make_password_link
from accounts.errors import EmailTaken, LastOwner, NoAccess, NotAllowed
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
    with pytest.raises(NotAllowed):
        people.change_operator(acting=operator, person=operator, operates=False)


def test_operators_are_in_the_record(cast: Cast, operator: User) -> None:
    people.change_operator(acting=operator, person=cast.bob.user, operates=True)
    people.deactivate_person(acting=operator, person=cast.bob.user)
    events = Event.objects.filter(target_id=str(cast.bob.user_id), actor_id=operator.id).order_by("at")
    assert [event.action for event in events] == [
        "accounts.person.operator_changed",
        "accounts.person.deactivated",
    ]
