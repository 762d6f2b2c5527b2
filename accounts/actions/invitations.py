"""Inviting: a link that lets one person in, once, until it expires or is revoked."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.actions.newcomers import make_person
from accounts.errors import DomainRefused, InvitationUnusable, MemberAlready, NoAccess, NotAllowed
from accounts.models import Invitation, Membership, Role, SignInRules, User
from accounts.queries import addresses_of, locked, open_invitations
from accounts.sign_in_rules import admits
from accounts.tokens import digest, make_token
from audit.record import record

LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """An invitation with its token, which is shown now and never again."""

    invitation: Invitation
    token: str


def invite(*, acting: Membership, role: Role, email: str = "", lasts: timedelta = LASTS) -> Invited:
    """Make an invitation. Only owners invite owners. Raises NoAccess, NotAllowed or DomainRefused."""
    token = make_token()
    with transaction.atomic():
        # Whoever loses the right to invite at this moment loses it before this one is made, or together with it.
        inviter = locked(acting)
        _may_invite(inviter, role)
        if email.strip():
            _must_admit(inviter.organization_id, {email})
        invitation = Invitation.objects.create(
            organization=inviter.organization,
            email=email.strip().lower(),
            role=role,
            token_digest=digest(token),
            invited_by=inviter.user,
            expires_at=timezone.now() + lasts,
        )
        _say(inviter.user, invitation, "accounts.invitation.made")
    return Invited(invitation=invitation, token=token)


def revoke_invitation(*, acting: Membership, invitation: Invitation) -> None:
    """Make an invitation unusable. Raises NotAllowed, NoAccess or InvitationUnusable."""
    with transaction.atomic():
        acting = locked(acting)
        _may_invite(acting, invitation.role)
        if invitation.organization_id != acting.organization_id:
            raise NoAccess
        if not _still_open(invitation).update(revoked_at=timezone.now()):
            raise InvitationUnusable
        _say(acting.user, invitation, "accounts.invitation.revoked")


def revoke_all_of(inviter: Membership, *, acting: User, roles: Collection[str] = tuple(Role)) -> None:
    """Make a person's open invitations unusable: who may not invite any more leaves no door open either."""
    found = _open_rows().filter(
        organization_id=inviter.organization_id, invited_by_id=inviter.user_id, role__in=roles
    )
    for invitation in found.select_for_update():
        Invitation.objects.filter(id=invitation.id).update(revoked_at=timezone.now())
        _say(acting, invitation, "accounts.invitation.revoked")


def usable(token: str) -> Invitation:
    """Return the invitation of a token that can be used now; raises InvitationUnusable."""
    found = open_invitations().filter(token_digest=digest(token)).select_related("organization", "invited_by").first()
    if found is None:
        raise InvitationUnusable
    return found


def accept_invitation(*, token: str, user: User) -> Membership:
    """Join an organization.

    Raises InvitationUnusable, or DomainRefused or MemberAlready and keeps the invitation open.
    """
    with transaction.atomic():
        invitation = _claim(token, addresses_of(user))
        return _join(invitation, user)


def join_as_new(*, token: str, name: str, email: str, password: str) -> User:
    """Create a person and let them in. Raises InvitationUnusable, DomainRefused or EmailTaken."""
    # Where mail can be sent the address is to be proved; where not, the link from a colleague has to prove enough.
    verified = not settings.EMAIL_IS_SENT
    with transaction.atomic():
        invitation = _claim(token, {email.strip().lower()})
        user = make_person(email=email, password=password, verified=verified, name=name)
        _join(invitation, user)
    return user


def _may_invite(acting: Membership, role: str) -> None:
    if not acting.administers or (role == Role.OWNER and acting.role != Role.OWNER):
        raise NotAllowed


def _must_admit(organization_id: uuid.UUID, addresses: Collection[str]) -> None:
    """Raise DomainRefused unless one of a person's addresses is of a domain that the organization invites."""
    rules = SignInRules.objects.filter(organization_id=organization_id).first()
    domains = rules.domains if rules else []
    if not any(admits(domains, one) for one in addresses):
        raise DomainRefused(domains)


def _claim(token: str, addresses: Collection[str]) -> Invitation:
    """Use an invitation up; the row's lock makes every other claim wait, and then fail."""
    invitation = usable(token)
    if invitation.email and invitation.email not in addresses:
        raise InvitationUnusable
    # Also what was sent before the rule, or to nobody in particular.
    _must_admit(invitation.organization_id, addresses)
    if not _still_open(invitation).update(accepted_at=timezone.now()):
        raise InvitationUnusable
    return invitation


def _join(invitation: Invitation, user: User) -> Membership:
    membership, made = Membership.objects.get_or_create(
        organization=invitation.organization, user=user, defaults={"role": invitation.role}
    )
    if not made:
        raise MemberAlready
    Invitation.objects.filter(id=invitation.id).update(accepted_by=user)
    _say(user, invitation, "accounts.invitation.accepted")
    return membership


def _still_open(invitation: Invitation) -> QuerySet[Invitation]:
    return _open_rows().filter(id=invitation.id)


def _open_rows() -> QuerySet[Invitation]:
    # Only the row's own columns: a condition on another table would become a subquery, and PostgreSQL
    # does not look at a subquery again after it has waited for a row's lock. It also finds what would be
    # open again when an organization that is switched off is switched on.
    return Invitation.objects.filter(revoked_at=None, accepted_at=None, expires_at__gt=timezone.now())


def _say(actor: User, invitation: Invitation, action: str) -> None:
    record(
        action,
        actor_id=actor.id,
        organization_id=invitation.organization_id,
        target=("invitation", invitation.id),
        facts={"role": invitation.role},
        labels={actor.id: actor.email},
    )
