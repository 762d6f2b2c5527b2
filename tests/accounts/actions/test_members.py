"""Who may do what to whom: every action with every pair of roles, and what happens when two act at once."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from accounts.actions import members
from accounts.actions.invitations import accept_invitation, invite, usable
from accounts.errors import InvitationUnusable, LastOwner, NoAccess, NotAllowed
from accounts.models import Invitation, Membership, Organization, Role, User
from audit.models import Event
from tests.cast import Cast, join, organization, person
from tests.database import committed, connect, race

Action = Callable[..., None]
OWNER, ADMIN, REVIEWER, MEMBER = Role.OWNER, Role.ADMIN, Role.REVIEWER, Role.MEMBER

# Acting role, then the roles that it may act on.
MAY_TOUCH = {OWNER: set(Role), ADMIN: {ADMIN, REVIEWER, MEMBER}, REVIEWER: set(), MEMBER: set()}
PAIRS = list(itertools.product(Role, Role))


def pair(acting: Role, target: Role) -> tuple[Membership, Membership]:
    """Return two members of a new organization that keeps an owner whatever happens."""
    place = organization("Pairs", person("Olivia"))
    return join(place, person("Ann"), acting), join(place, person("Tom"), target)


@pytest.mark.parametrize("action", [members.remove_member, members.deactivate_member, members.reactivate_member])
@pytest.mark.parametrize(("acting", "target"), PAIRS)
def test_it_lets_only_the_right_roles_act(lasting: None, action: Action, acting: Role, target: Role) -> None:
    one, other = pair(acting, target)
    before = _row(other)
    if target in MAY_TOUCH[acting]:
        action(acting=one, member=other)
    else:
        with pytest.raises(NotAllowed):
            action(acting=one, member=other)
        assert _row(other) == before


@pytest.mark.parametrize(("acting", "before", "after"), list(itertools.product(Role, Role, Role)))
def test_it_lets_only_the_right_roles_change_roles(lasting: None, acting: Role, before: Role, after: Role) -> None:
    one, other = pair(acting, before)
    if {before, after} <= MAY_TOUCH[acting]:
        members.change_role(acting=one, member=other, role=after)
        assert _row(other) == (after, None)
    else:
        with pytest.raises(NotAllowed):
            members.change_role(acting=one, member=other, role=after)
        assert _row(other) == (before, None)


@pytest.mark.parametrize("action", [members.remove_member, members.deactivate_member, members.reactivate_member])
def test_it_does_not_reach_into_another_organization(cast: Cast, action: Action) -> None:
    with pytest.raises(NoAccess):
        action(acting=cast.alice, member=cast.charlie)
    assert _row(cast.charlie) == (OWNER, None)


@pytest.mark.parametrize("role", Role)
def test_anybody_but_the_last_owner_leaves(lasting: None, role: Role) -> None:
    one, _ = pair(role, MEMBER)
    members.leave(acting=one)
    assert _row(one) is None


def test_the_last_owner_cannot_go_in_any_way(cast: Cast) -> None:
    other = join(cast.organization, person("Dora"), ADMIN)
    with pytest.raises(LastOwner):
        members.leave(acting=cast.alice)
    with pytest.raises(LastOwner):
        members.change_role(acting=cast.alice, member=cast.alice, role=MEMBER)
    with pytest.raises(LastOwner):
        members.remove_member(acting=cast.alice, member=cast.alice)
    with pytest.raises(LastOwner):
        members.deactivate_member(acting=cast.alice, member=cast.alice)
    with pytest.raises(NotAllowed):
        members.remove_member(acting=other, member=cast.alice)
    assert _row(cast.alice) == (OWNER, None)


def test_an_owner_who_is_switched_off_does_not_count(cast: Cast) -> None:
    second = join(cast.organization, person("Dora"), OWNER)
    members.deactivate_member(acting=cast.alice, member=second)
    with pytest.raises(LastOwner):
        members.leave(acting=cast.alice)
    third = join(cast.organization, person("Emil"), OWNER)
    User.objects.filter(id=third.user_id).update(is_active=False)
    with pytest.raises(LastOwner):
        members.leave(acting=cast.alice)


@pytest.mark.parametrize("attempt", range(5))
def test_two_owners_who_leave_at_once_do_not_both_go(lasting: None, attempt: int) -> None:
    place = organization("Race", person("Ann"))
    first = Membership.objects.get(organization=place)
    second = join(place, person("Ben"), OWNER)
    results = race([lambda: members.leave(acting=first), lambda: members.leave(acting=second)])
    assert [type(result) for result in results if result] == [LastOwner]
    assert _owners(place) == 1


@pytest.mark.parametrize("attempt", range(5))
def test_two_owners_who_remove_each_other_do_not_both_go(lasting: None, attempt: int) -> None:
    place = organization("Race", person("Ann"))
    first = Membership.objects.get(organization=place)
    second = join(place, person("Ben"), OWNER)
    results = race(
        [
            lambda: members.remove_member(acting=first, member=second),
            lambda: members.change_role(acting=second, member=first, role=MEMBER),
        ]
    )
    assert sum(result is not None for result in results) == 1
    assert _owners(place) == 1


def test_who_was_demoted_meanwhile_cannot_act(cast: Cast) -> None:
    admin = join(cast.organization, person("Dora"), ADMIN)
    members.change_role(acting=cast.alice, member=admin, role=MEMBER)
    with pytest.raises(NotAllowed):
        members.remove_member(acting=admin, member=cast.bob)
    members.remove_member(acting=cast.alice, member=admin)
    with pytest.raises(NoAccess):
        members.remove_member(acting=admin, member=cast.bob)


@pytest.mark.parametrize(
    "end",
    [
        lambda owner, admin: members.remove_member(acting=owner, member=admin),
        lambda owner, admin: members.deactivate_member(acting=owner, member=admin),
        lambda owner, admin: members.change_role(acting=owner, member=admin, role=MEMBER),
        lambda owner, admin: members.leave(acting=admin),
    ],
)
def test_who_may_not_invite_any_more_leaves_no_open_invitation(
    cast: Cast, end: Callable[[Membership, Membership], None]
) -> None:
    admin = join(cast.organization, person("Dora"), ADMIN)
    made = invite(acting=admin, role=MEMBER)
    end(cast.alice, admin)
    with pytest.raises(InvitationUnusable):
        usable(made.token)


def test_who_is_no_owner_any_more_leaves_no_door_to_ownership(cast: Cast) -> None:
    owner = join(cast.organization, person("Dora"), OWNER)
    to_ownership, to_the_rest = invite(acting=owner, role=OWNER), invite(acting=owner, role=MEMBER)
    members.change_role(acting=cast.alice, member=owner, role=ADMIN)
    with pytest.raises(InvitationUnusable):
        usable(to_ownership.token)
    assert usable(to_the_rest.token)


def test_an_invitation_made_during_a_demotion_does_not_survive_it(cast: Cast) -> None:
    admin = join(cast.organization, person("Dora"), ADMIN)
    with ThreadPoolExecutor(1) as pool:
        with committed():
            members.change_role(acting=cast.alice, member=admin, role=MEMBER)
            inviting = pool.submit(elsewhere, lambda: invite(acting=admin, role=MEMBER))
            while not inviting.done() and not somebody_waits():
                pass
        with pytest.raises(NotAllowed):
            inviting.result()
    assert not Invitation.objects.filter(invited_by=admin.user).exists()


@pytest.mark.parametrize("attempt", range(5))
def test_joining_and_demoting_the_inviter_at_once_both_end(cast: Cast, attempt: int) -> None:
    admin = join(cast.organization, person("Dora"), ADMIN)
    made = invite(acting=admin, role=MEMBER)
    results = race(
        [
            lambda: accept_invitation(token=made.token, user=person("Nina")),
            lambda: members.change_role(acting=cast.alice, member=admin, role=MEMBER),
        ]
    )
    assert {type(result) for result in results} <= {Membership, InvitationUnusable, type(None)}


def test_each_change_is_in_the_record(cast: Cast) -> None:
    bob = cast.bob
    members.change_role(acting=cast.alice, member=bob, role=REVIEWER)
    members.deactivate_member(acting=cast.alice, member=bob)
    members.reactivate_member(acting=cast.alice, member=bob)
    members.remove_member(acting=cast.alice, member=bob)
    events = Event.objects.filter(organization_id=cast.organization.id, target_id=str(bob.user_id)).order_by("at")
    assert [(event.action, event.actor_id) for event in events] == [
        (f"accounts.member.{what}", cast.alice.user_id)
        for what in ("role_changed", "deactivated", "reactivated", "removed")
    ]
    assert events[0].facts == {"before": "member", "after": "reviewer"}


def test_what_changes_nothing_is_not_in_the_record(cast: Cast) -> None:
    members.change_role(acting=cast.alice, member=cast.bob, role=MEMBER)
    members.reactivate_member(acting=cast.alice, member=cast.bob)
    assert not Event.objects.filter(target_id=str(cast.bob.user_id)).exists()


def _row(member: Membership) -> tuple[str, object] | None:
    return Membership.objects.filter(id=member.id).values_list("role", "deactivated_at").first()


def elsewhere(call: Callable[[], object]) -> object:
    """Call in the connection of this thread, and close it."""
    try:
        return call()
    finally:
        connections.close_all()


def somebody_waits() -> bool:
    with connect("postgres") as connection:
        return connection.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone() is not None


def _owners(place: Organization) -> int:
    return Membership.objects.filter(organization=place, role=OWNER, deactivated_at=None).count()
