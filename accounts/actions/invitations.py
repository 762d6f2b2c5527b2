"""Inviting: a link that lets one person in, once, until it expires or is revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.errors import EmailTaken, InvitationUnusable, MemberAlready, NoAccess, NotAllowed
from accounts.models import Invitation, Membership, Role, User
from accounts.queries import open_invitations
from accounts.tokens import digest, make_token
from audit.record import record

LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """An invitation with its token, which is shown now and never again."""

    invitation: Invitation
    token: str


def invite(*, acting: Membership, role: Role, email: str = "", lasts: timedelta = LASTS) -> Invited:
    """Make an invitation. Only owners invite owners. Raises NotAllowed."""
    if not acting.administers or (role == Role.OWNER and acting.role != Role.OWNER):
        raise NotAllowed
    token = make_token()
    with transaction.atomic():
        invitation = Invitation.objects.create(
            organization=acting.organization,
            email=email.strip().lower(),
            role=role,
            token_digest=digest(token),
            invited_by=acting.user,
            expires_at=timezone.now() + lasts,
        )
        _say(acting.user, invitation, "accounts.invitation.made")
    return Invited(invitation=invitation, token=token)


def revoke_invitation(*, acting: Membership, invitation: Invitation) -> None:
    """Make an invitation unusable. Raises NotAllowed, NoAccess or InvitationUnusable."""
    if not acting.administers or (invitation.role == Role.OWNER and acting.role != Role.OWNER):
        raise NotAllowed
    if invitation.organization_id != acting.organization_id:
        raise NoAccess
    with transaction.atomic():
        if not _still_open(invitation).update(revoked_at=timezone.now()):
            raise InvitationUnusable
        _say(acting.user, invitation, "accounts.invitation.revoked")


def revoke_all_of(inviter: Membership, *, acting: User) -> None:
    """Make a person's open invitations unusable: who may not invite any more leaves no door open either."""
    found = open_invitations().filter(organization_id=inviter.organization_id, invited_by_id=inviter.user_id)
    for invitation in found.select_for_update(of=("self",)):
        Invitation.objects.filter(id=invitation.id).update(revoked_at=timezone.now())
        _say(acting, invitation, "accounts.invitation.revoked")


def usable(token: str) -> Invitation:
    """Return the invitation of a token that can be used now; raises InvitationUnusable."""
    found = open_invitations().filter(token_digest=digest(token)).select_related("organization", "invited_by").first()
    if found is None:
        raise InvitationUnusable
    return found


def accept_invitation(*, token: str, user: User) -> Membership:
    """Join an organization. Raises InvitationUnusable, or MemberAlready and keeps the invitation open."""
    with transaction.atomic():
        invitation = _claim(token, user.email)
        return _join(invitation, user)


def join_as_new(*, token: str, name: str, email: str, password: str) -> User:
    """Create a person and let them in. Raises InvitationUnusable or EmailTaken."""
    try:
        with transaction.atomic():
            invitation = _claim(token, email)
            user = User.objects.create_user(email, password, name=name)
            _join(invitation, user)
    except IntegrityError:
        raise EmailTaken from None
    return user


def _claim(token: str, email: str) -> Invitation:
    """Use an invitation up; the row's lock makes every other claim wait, and then fail."""
    invitation = usable(token)
    if invitation.email and invitation.email != email.strip().lower():
        raise InvitationUnusable
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
    # Only the row's own columns: a condition on another table would become a subquery, and PostgreSQL
    # does not look at a subquery again after it has waited for a row's lock.
    return Invitation.objects.filter(
        id=invitation.id, revoked_at=None, accepted_at=None, expires_at__gt=timezone.now()
    )


def _say(actor: User, invitation: Invitation, action: str) -> None:
    record(
        action,
        actor_id=actor.id,
        organization_id=invitation.organization_id,
        target=("invitation", invitation.id),
        facts={"role": invitation.role},
        labels={actor.id: actor.email},
    )
