"""A person's own account, and an operator's hold on it."""

from __future__ import annotations

from functools import partial

from django.db import IntegrityError, transaction

from accounts.errors import EmailTaken, LastOwner, NotAllowed
from accounts.models import Membership, Organization, Role, User
from accounts.revocation import access_changed
from audit.record import Fact, record


def rename_person(*, acting: User, name: str) -> None:
    """Change one's own name."""
    with transaction.atomic():
        User.objects.filter(id=acting.id).update(name=name)
        _say(acting, acting, "accounts.person.renamed")


def create_person(*, acting: User, email: str, name: str) -> User:
    """Create a person who has no password yet. Only operators may. Raises NotAllowed or EmailTaken."""
    _may(acting)
    try:
        with transaction.atomic():
            person = User.objects.create_user(email, None, name=name)
            _say(acting, person, "accounts.person.created")
    except IntegrityError:
        raise EmailTaken from None
    return person


def deactivate_person(*, acting: User, person: User) -> None:
    """Shut a person out everywhere; open sockets close. Only operators may. Raises NotAllowed or LastOwner."""
    _may(acting)
    with transaction.atomic():
        _keep_owners(person)
        if User.objects.filter(id=person.id, is_active=True).update(is_active=False):
            _say(acting, person, "accounts.person.deactivated")


def reactivate_person(*, acting: User, person: User) -> None:
    """Let a person in again. Only operators may. Raises NotAllowed."""
    _may(acting)
    with transaction.atomic():
        if User.objects.filter(id=person.id, is_active=False).update(is_active=True):
            _say(acting, person, "accounts.person.reactivated")


def change_operator(*, acting: User, person: User, operates: bool) -> None:
    """Make a person an operator of this server, or no longer one. Only operators may. Raises NotAllowed."""
    _may(acting)
    if person.id == acting.id and not operates:
        raise NotAllowed
    with transaction.atomic():
        User.objects.filter(id=person.id).update(is_staff=operates, is_superuser=operates)
        _say(acting, person, "accounts.person.operator_changed", operates=operates)


def _may(acting: User) -> None:
    if not (acting.is_active and acting.is_superuser):
        raise NotAllowed


def _keep_owners(person: User) -> None:
    """Refuse to leave an organization without an owner; locks in one order, so that two of these cannot deadlock."""
    owned = person.memberships.filter(role=Role.OWNER, organization__deactivated_at=None)
    owners = Membership.objects.filter(role=Role.OWNER, deactivated_at=None, user__is_active=True)
    organizations = Organization.objects.filter(id__in=owned.values("organization_id"))
    for organization in organizations.order_by("id").select_for_update():
        if not owners.filter(organization=organization).exclude(user=person).exists():
            raise LastOwner


def _say(acting: User, person: User, action: str, **facts: Fact) -> None:
    record(
        action,
        actor_id=acting.id,
        target=("user", person.id),
        facts=facts,
        labels={acting.id: acting.email, person.id: person.email},
    )
    transaction.on_commit(partial(access_changed, person.id))
