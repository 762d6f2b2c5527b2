"""Inviting: a link that lets one person in, once, until it expires or is revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.errors import InvitationUnusable, NoAccess, NotAllowed
from accounts.models import Invitation, Membership, Role, User
from accounts.tokens import digest, make_token
from audit.record import record

LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """An invitation with its token, which is shown now and never again."""

    invitation: Invitation
    token: str


def invite(*, acting: Membership, role: Role, email: str = "", lasts: timedelta = LASTS) -> Invited:
    """Make an invitation. Raises NotAllowed."""
    if not acting.administers or (role == Role.OWNER and acting.role != Role.OWNER):
        raise NotAllowed
    token = make_token()
    with transaction.atomic():
        invitation = Invitation.objects.create(
            organization_id=acting.organization_id,
            email=email.strip().lower(),
            role=role,
            token_digest=digest(token),
            invited_by=acting.user,
            expires_at=timezone.now() + lasts,
        )
        _say(acting.user, invitation, "accounts.invitation.made")
    return Invited(invitation=invitation, token=token)


def revoke(*, acting: Membership, invitation: Invitation) -> None:
    """Make an invitation unusable. Raises NotAllowed, NoAccess or InvitationUnusable."""
    if not acting.administers:
        raise NotAllowed
    if invitation.organization_id != acting.organization_id:
        raise NoAccess
    with transaction.atomic():
        if not _open(invitation.token_digest).update(revoked_at=timezone.now()):
            raise InvitationUnusable
        _say(acting.user, invitation, "accounts.invitation.revoked")


def usable(token: str) -> Invitation:
    """Return the invitation of a token that can be used now; raises InvitationUnusable."""
    found = _open(digest(token)).select_related("organization", "invited_by").first()
    if found is None:
        raise InvitationUnusable
    return found


def accept(*, token: str, user: User) -> Membership:
    """Join an organization. An invitation made for one address is for nobody else. Raises InvitationUnusable."""
    with transaction.atomic():
        invitation = usable(token)
        if invitation.email and invitation.email != user.email.lower():
            raise InvitationUnusable
        if not _open(invitation.token_digest).update(accepted_at=timezone.now(), accepted_by=user):
            raise InvitationUnusable
        membership, _ = Membership.objects.get_or_create(
            organization=invitation.organization, user=user, defaults={"role": invitation.role}
        )
        _say(user, invitation, "accounts.invitation.accepted")
    return membership


def join_as_new(*, token: str, name: str, email: str, password: str) -> User:
    """Create a person and let them in with an invitation. Raises InvitationUnusable."""
    with transaction.atomic():
        user = User.objects.create_user(email, password, name=name)
        accept(token=token, user=user)
    return user


def _open(token_digest: str) -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        token_digest=token_digest,
        revoked_at=None,
        accepted_at=None,
        expires_at__gt=timezone.now(),
        organization__deactivated_at=None,
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
