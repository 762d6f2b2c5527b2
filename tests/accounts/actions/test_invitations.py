from __future__ import annotations

import itertools
import secrets
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.actions import invitations
from accounts.actions.members import change_role, deactivate_member
from accounts.errors import EmailTaken, InvitationUnusable, MemberAlready, NoAccess, NotAllowed
from accounts.models import Invitation, Membership, Role, User
from audit.models import Event
from tests.cast import PASSWORD, Cast, join, organization, person
from tests.database import race

MAY_INVITE = {
    Role.OWNER: set(Role),
    Role.ADMIN: {Role.ADMIN, Role.REVIEWER, Role.MEMBER},
    Role.REVIEWER: set(),
    Role.MEMBER: set(),
}


@pytest.mark.parametrize(("acting", "role"), list(itertools.product(Role, Role)))
def test_it_lets_only_the_right_roles_invite_and_revoke(lasting: None, acting: Role, role: Role) -> None:
    place = organization("Inviting", person("Olivia"))
    owner = Membership.objects.get(organization=place)
    member = join(place, person("Ann"), acting)
    made = invitations.invite(acting=owner, role=role)
    if role in MAY_INVITE[acting]:
        assert invitations.invite(acting=member, role=role).invitation.role == role
        invitations.revoke_invitation(acting=member, invitation=made.invitation)
        with pytest.raises(InvitationUnusable):
            invitations.usable(made.token)
    else:
        with pytest.raises(NotAllowed):
            invitations.invite(acting=member, role=role)
        with pytest.raises(NotAllowed):
            invitations.revoke_invitation(acting=member, invitation=made.invitation)
        assert invitations.usable(made.token)


def test_it_stores_no_token(cast: Cast) -> None:
    made = invitations.invite(acting=cast.alice, role=Role.MEMBER)
    row = Invitation.objects.filter(id=made.invitation.id).values().get()
    assert made.token not in str(row)
    assert len(made.token) >= 43


@pytest.mark.parametrize("role", Role)
def test_it_gives_the_role_once(cast: Cast, role: Role) -> None:
    made = invitations.invite(acting=cast.alice, role=role)
    user = person("Nina")
    assert invitations.accept_invitation(token=made.token, user=user).role == role
    with pytest.raises(InvitationUnusable):
        invitations.accept_invitation(token=made.token, user=person("Otto"))
    row = Invitation.objects.get(id=made.invitation.id)
    assert row.accepted_by == user


def test_it_refuses_an_expired_a_revoked_and_an_unknown_one(cast: Cast) -> None:
    expired = invitations.invite(acting=cast.alice, role=Role.MEMBER, lasts=timedelta(seconds=-1))
    revoked = invitations.invite(acting=cast.alice, role=Role.MEMBER)
    invitations.revoke_invitation(acting=cast.alice, invitation=revoked.invitation)
    for token in (expired.token, revoked.token, "unknown", ""):
        with pytest.raises(InvitationUnusable):
            invitations.accept_invitation(token=token, user=person("Nina"))
    with pytest.raises(InvitationUnusable):
        invitations.revoke_invitation(acting=cast.alice, invitation=revoked.invitation)


def test_it_lasts_seven_days(cast: Cast) -> None:
    made = invitations.invite(acting=cast.alice, role=Role.MEMBER)
    left = made.invitation.expires_at - timezone.now()
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)


def test_one_for_an_address_is_for_nobody_else(cast: Cast) -> None:
    right = person("Nina")
    made = invitations.invite(acting=cast.alice, role=Role.MEMBER, email=right.email.upper())
    with pytest.raises(InvitationUnusable):
        invitations.accept_invitation(token=made.token, user=person("Otto"))
    with pytest.raises(InvitationUnusable):
        invitations.join_as_new(token=made.token, name="Otto", email="otto@example.org", password=PASSWORD)
    assert not User.objects.filter(email="otto@example.org").exists()
    assert invitations.accept_invitation(token=made.token, user=right)


def test_one_for_another_address_of_a_person_is_theirs_when_it_is_proved(cast: Cast) -> None:
    nina, email = person("Nina"), f"second-{secrets.token_hex(4)}@example.com"
    made = invitations.invite(acting=cast.alice, role=Role.MEMBER, email=email)
    address = EmailAddress.objects.create(user=nina, email=email, verified=False)
    with pytest.raises(InvitationUnusable):
        invitations.accept_invitation(token=made.token, user=nina)
    address.set_verified()
    assert invitations.accept_invitation(token=made.token, user=nina)


def test_a_new_person_and_their_address_are_made_together(cast: Cast) -> None:
    made = invitations.invite(acting=cast.alice, role=Role.MEMBER)
    email = f"new-{secrets.token_hex(4)}@example.com"
    user = invitations.join_as_new(token=made.token, name="N", email=email, password=PASSWORD)
    assert EmailAddress.objects.get(user=user).email == email
    again = invitations.invite(acting=cast.alice, role=Role.MEMBER)
    known = person("Nina")
    EmailAddress.objects.create(user=known, email=f"second-{email}", verified=True)
    with pytest.raises(EmailTaken):
        invitations.join_as_new(token=again.token, name="N", email=f"second-{email}", password=PASSWORD)
    assert invitations.usable(again.token)
    assert not User.objects.filter(email=f"second-{email}").exists()


def test_a_member_does_not_use_it_up(cast: Cast) -> None:
    made = invitations.invite(acting=cast.alice, role=Role.OWNER)
    with pytest.raises(MemberAlready):
        invitations.accept_invitation(token=made.token, user=cast.bob.user)
    assert Membership.objects.get(id=cast.bob.id).role == Role.MEMBER
    assert invitations.usable(made.token)


def test_it_does_not_let_in_who_was_switched_off(cast: Cast) -> None:
    made = invitations.invite(acting=cast.alice, role=Role.MEMBER)
    deactivate_member(acting=cast.alice, member=cast.bob)
    with pytest.raises(MemberAlready):
        invitations.accept_invitation(token=made.token, user=cast.bob.user)
    assert Membership.objects.get(id=cast.bob.id).deactivated_at


def test_it_does_not_revoke_in_another_organization(cast: Cast) -> None:
    made = invitations.invite(acting=cast.charlie, role=Role.MEMBER)
    with pytest.raises(NoAccess):
        invitations.revoke_invitation(acting=cast.alice, invitation=made.invitation)
    assert invitations.usable(made.token)


def test_the_right_to_revoke_is_proved_again_when_it_is_used(cast: Cast) -> None:
    admin = join(cast.organization, person("Ann"), Role.ADMIN)
    made = invitations.invite(acting=cast.alice, role=Role.MEMBER)
    change_role(acting=cast.alice, member=admin, role=Role.MEMBER)
    with pytest.raises(NotAllowed):
        invitations.revoke_invitation(acting=admin, invitation=made.invitation)
    assert invitations.usable(made.token)


def test_ten_new_people_at_once_make_one_member(cast: Cast) -> None:
    made = invitations.invite(acting=cast.alice, role=Role.MEMBER)
    mark = made.token[:8].lower()
    calls = [
        partial(
            invitations.join_as_new, token=made.token, name="N", email=f"n{at}-{mark}@example.com", password=PASSWORD
        )
        for at in range(10)
    ]
    results = race(calls)
    assert Counter(type(result) for result in results) == {User: 1, InvitationUnusable: 9}
    assert User.objects.filter(email__endswith=f"-{mark}@example.com").count() == 1
    assert Membership.objects.filter(organization=cast.organization).count() == 3


def test_accepting_and_revoking_at_once_has_one_outcome(cast: Cast) -> None:
    for _ in range(5):
        made, user = invitations.invite(acting=cast.alice, role=Role.MEMBER), person("Nina")
        race(
            [
                partial(invitations.accept_invitation, token=made.token, user=user),
                partial(invitations.revoke_invitation, acting=cast.alice, invitation=made.invitation),
            ]
        )
        row = Invitation.objects.get(id=made.invitation.id)
        assert (row.accepted_at is None) != (row.revoked_at is None)
        joined = Membership.objects.filter(organization=cast.organization, user=user).exists()
        assert joined == (row.accepted_at is not None)


def test_two_invitations_for_one_new_address_make_one_person(cast: Cast) -> None:
    tokens = [invitations.invite(acting=cast.alice, role=Role.MEMBER).token for _ in range(2)]
    email = f"twice-{tokens[0][:8].lower()}@example.com"
    results = race(
        [partial(invitations.join_as_new, token=one, name="N", email=email, password=PASSWORD) for one in tokens]
    )
    assert Counter(type(result) for result in results) == {User: 1, EmailTaken: 1}
    assert sum(Invitation.objects.filter(accepted_by__email=email).values_list("id").count() for _ in (1,)) == 1


def test_it_is_in_the_record(cast: Cast) -> None:
    made = invitations.invite(acting=cast.alice, role=Role.REVIEWER)
    user = person("Nina")
    invitations.accept_invitation(token=made.token, user=user)
    events = Event.objects.filter(target_id=str(made.invitation.id)).order_by("at")
    assert [(event.action, event.actor_id, event.facts) for event in events] == [
        ("accounts.invitation.made", cast.alice.user_id, {"role": "reviewer"}),
        ("accounts.invitation.accepted", user.id, {"role": "reviewer"}),
    ]
