"""A person's own account, and an operator's hold on it."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from accounts.actions.invitations import revoke_all_of
from accounts.actions.newcomers import make_person
from accounts.actions.operators import must_operate
from accounts.errors import LastOwner, NotOneself
from accounts.everywhere import record_everywhere
from accounts.models import Membership, Organization, Role, User
from accounts.revocation import access_changed
from audit.record import Fact


def rename_person(*, acting: User, name: str) -> None:
    """Change one's own name."""
    with transaction.atomic():
        User.objects.filter(id=acting.id).update(name=name)
        # Names are not facts: those cannot be erased.
        _say(acting, acting, "accounts.person.renamed")


def create_person(*, acting: User, email: str, name: str) -> User:
    """Create a person who has no password yet. Only operators may. Raises NotAllowed or EmailTaken."""
    must_operate(acting)
    with transaction.atomic():
        person = make_person(email=email, password=None, verified=True, name=name)
        _say(acting, person, "accounts.person.created")
    return person


def deactivate_person(*, acting: User, person: User) -> None:
    """Shut a person out everywhere; open sockets close. Only operators may.

    Raises NotAllowed, NotOneself or LastOwner.
    """
    with transaction.atomic():
        _must_operate_on_another(acting, person)
        _keep_owners(person)
        if User.objects.filter(id=person.id, is_active=True).update(is_active=False):
            for membership in person.memberships.all():
                revoke_all_of(membership, acting=acting)
            _say(acting, person, "accounts.person.deactivated")


def reactivate_person(*, acting: User, person: User) -> None:
    """Let a person in again. Only operators may. Raises NotAllowed."""
    must_operate(acting)
    with transaction.atomic():
        if User.objects.filter(id=person.id, is_active=False).update(is_active=True):
            _say(acting, person, "accounts.person.reactivated")


def change_operator(*, acting: User, person: User, operates: bool) -> None:
    """Make a person an operator of this server, or no longer one. Only operators may.

    Raises NotAllowed or NotOneself.
    """
    with transaction.atomic():
        _must_operate_on_another(acting, person)
        others = User.objects.filter(id=person.id).exclude(is_staff=operates, is_superuser=operates)
        if others.update(is_staff=operates, is_superuser=operates):
            _say(acting, person, "accounts.person.operator_changed", operates=operates)


def _must_operate_on_another(acting: User, person: User) -> None:
    """Raise NotAllowed for who is no operator, and NotOneself for an operator who would lock oneself out.

    Holds both until the transaction ends: of two operators who shut each other out, one stays.
    """
    both = User.objects.filter(id__in=[acting.id, person.id]).order_by("id").select_for_update(no_key=True)
    must_operate(next(one for one in both if one.id == acting.id))
    if person.id == acting.id:
        raise NotOneself


def _keep_owners(person: User) -> None:
    """Refuse to leave an organization without an owner.

    Locks all organizations of the person, so that nothing is done in their name meanwhile, and in one order,
    so that two of these cannot deadlock.
    """
    theirs = Organization.objects.filter(id__in=person.memberships.values("organization_id"))
    list(theirs.order_by("id").select_for_update(no_key=True))
    owners = Membership.objects.filter(role=Role.OWNER, deactivated_at=None, user__is_active=True)
    for membership in person.memberships.filter(role=Role.OWNER, organization__deactivated_at=None):
        if not owners.filter(organization_id=membership.organization_id).exclude(user=person).exists():
            raise LastOwner


def _say(acting: User, person: User, action: str, **facts: Fact) -> None:
    record_everywhere(action, person=person, acting=acting, facts=facts)
    transaction.on_commit(partial(access_changed, person.id))
