from __future__ import annotations

from functools import partial

import pytest

from accounts.actions import groups
from accounts.actions.members import change_role, remove_member
from accounts.errors import NameTaken, NoAccess, NotAllowed
from accounts.models import Group, Role
from audit.models import Event
from tests.cast import Cast, join, person
from tests.database import race


@pytest.mark.parametrize("role", Role)
def test_only_who_administers_may_change_groups(cast: Cast, role: Role) -> None:
    acting = join(cast.organization, person("Ann"), role)
    group = groups.create_group(acting=cast.alice, name="Research")
    calls = (
        partial(groups.create_group, acting=acting, name="Sales"),
        partial(groups.rename_group, acting=acting, group=group, name="Science"),
        partial(groups.add_to_group, acting=acting, group=group, member=cast.bob),
        partial(groups.remove_from_group, acting=acting, group=group, member=cast.bob),
        partial(groups.delete_group, acting=acting, group=group),
    )
    for call in calls:
        if role in (Role.OWNER, Role.ADMIN):
            call()
        else:
            with pytest.raises(NotAllowed):
                call()
    assert Group.objects.filter(id=group.id).exists() == (role not in (Role.OWNER, Role.ADMIN))


def test_the_right_is_proved_again_when_it_is_used(cast: Cast) -> None:
    admin = join(cast.organization, person("Ann"), Role.ADMIN)
    group = groups.create_group(acting=cast.alice, name="Research")
    change_role(acting=cast.alice, member=admin, role=Role.MEMBER)
    calls = (
        partial(groups.create_group, acting=admin, name="Sales"),
        partial(groups.rename_group, acting=admin, group=group, name="Science"),
        partial(groups.add_to_group, acting=admin, group=group, member=cast.bob),
        partial(groups.remove_from_group, acting=admin, group=group, member=cast.bob),
        partial(groups.delete_group, acting=admin, group=group),
    )
    for call in calls:
        with pytest.raises(NotAllowed):
            call()
    assert list(Group.objects.filter(organization=cast.organization).values_list("name", flat=True)) == ["Research"]


def test_who_is_gone_joins_no_group_and_a_group_that_is_gone_takes_nobody(cast: Cast) -> None:
    group, gone = (groups.create_group(acting=cast.alice, name=name) for name in ("Research", "Sales"))
    groups.delete_group(acting=cast.alice, group=Group.objects.get(id=gone.id))
    with pytest.raises(NoAccess):
        groups.add_to_group(acting=cast.alice, group=gone, member=cast.bob)
    remove_member(acting=cast.alice, member=cast.bob)
    with pytest.raises(NoAccess):
        groups.add_to_group(acting=cast.alice, group=group, member=cast.bob)


def test_a_name_is_taken_once_in_an_organization(cast: Cast) -> None:
    groups.create_group(acting=cast.alice, name="Research")
    other = groups.create_group(acting=cast.alice, name="Sales")
    with pytest.raises(NameTaken):
        groups.create_group(acting=cast.alice, name="Research")
    with pytest.raises(NameTaken):
        groups.rename_group(acting=cast.alice, group=other, name="Research")
    assert groups.create_group(acting=cast.charlie, name="Research")


def test_the_same_name_at_once_makes_one_group(cast: Cast) -> None:
    results = race([partial(groups.create_group, acting=cast.alice, name="Research")] * 4)
    assert sorted(type(result).__name__ for result in results) == ["Group", *["NameTaken"] * 3]


def test_it_does_not_mix_organizations(cast: Cast) -> None:
    mine = groups.create_group(acting=cast.alice, name="Research")
    theirs = groups.create_group(acting=cast.charlie, name="Research")
    with pytest.raises(NoAccess):
        groups.add_to_group(acting=cast.alice, group=mine, member=cast.charlie)
    with pytest.raises(NoAccess):
        groups.add_to_group(acting=cast.alice, group=theirs, member=cast.bob)
    with pytest.raises(NoAccess):
        groups.delete_group(acting=cast.alice, group=theirs)
    assert not theirs.members.exists()


def test_adding_twice_is_recorded_once(cast: Cast) -> None:
    group = groups.create_group(acting=cast.alice, name="Research")
    groups.add_to_group(acting=cast.alice, group=group, member=cast.bob)
    groups.add_to_group(acting=cast.alice, group=group, member=cast.bob)
    groups.remove_from_group(acting=cast.alice, group=group, member=cast.bob)
    groups.delete_group(acting=cast.alice, group=group)
    events = Event.objects.filter(target_type="group", target_id=str(group.id), organization_id=cast.organization.id)
    assert list(events.order_by("at").values_list("action", flat=True)) == [
        "accounts.group.created",
        "accounts.group.member_added",
        "accounts.group.member_removed",
        "accounts.group.deleted",
    ]
