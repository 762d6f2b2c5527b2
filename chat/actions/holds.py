"""Legal holds: while one is in force, nothing of whom or what it names is deleted."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone

from accounts.errors import NotAllowed
from accounts.models import Membership, Role
from accounts.queries import locked
from audit.record import record
from chat.errors import Invalid, NotFound
from chat.models import Conversation, LegalHold

MANAGERS = (Role.OWNER, Role.ADMIN)
REASON_LEAST, REASON_MOST = 10, 500
NO_PERSON = "This person has no place and no conversation here."
NO_CONVERSATION = "There is no conversation with this id here. It may have been deleted already."
GONE = "This hold does not exist, or you have no access to it."


def place(
    *,
    acting: Membership,
    reason: str,
    user_id: uuid.UUID | None = None,
    conversation_id: uuid.UUID | None = None,
) -> LegalHold:
    """Keep one conversation, one person's, or (without both) all of the organization's, until the hold is lifted.

    Raises NotAllowed or Invalid. What was deleted for good before is gone.
    """
    reason = reason_of(reason)
    with transaction.atomic():
        # A deletion takes the same lock: what this names is kept from here on.
        membership = _manager(acting)
        _check_named(membership, user_id, conversation_id)
        hold = LegalHold.objects.create(
            organization_id=membership.organization_id,
            user_id=user_id,
            conversation_id=conversation_id,
            reason=reason,
            placed_by_id=membership.user_id,
        )
        _record("chat.hold.placed", membership, hold)
        return hold


def lift(*, acting: Membership, hold_id: uuid.UUID) -> LegalHold:
    """End a hold; the next run deletes what is due. Twice changes nothing. Raises NotAllowed or NotFound."""
    with transaction.atomic():
        membership = _manager(acting)
        hold = LegalHold.objects.filter(id=hold_id, organization_id=membership.organization_id).first()
        if hold is None:
            raise NotFound(GONE)
        if hold.lifted_at is None:
            hold.lifted_at, hold.lifted_by_id = timezone.now(), membership.user_id
            hold.save(update_fields=["lifted_at", "lifted_by"])
            _record("chat.hold.lifted", membership, hold)
        return hold


def reason_of(text: str) -> str:
    """Return a reason as it is kept; raises Invalid."""
    reason = " ".join(text.replace("\x00", "").split())
    if not REASON_LEAST <= len(reason) <= REASON_MOST:
        raise Invalid(
            f"Say why, in {REASON_LEAST} to {REASON_MOST} characters: the reason stands in the audit record."
        )
    return reason


def _manager(acting: Membership) -> Membership:
    membership = locked(acting)
    if membership.role not in MANAGERS:
        raise NotAllowed
    return membership


def _check_named(acting: Membership, user_id: uuid.UUID | None, conversation_id: uuid.UUID | None) -> None:
    if user_id is not None and conversation_id is not None:
        raise Invalid("A hold is about a person, or about a conversation.")
    own = Conversation.objects.filter(organization_id=acting.organization_id)
    if conversation_id is not None and not own.filter(id=conversation_id).exists():
        raise Invalid(NO_CONVERSATION)
    if user_id is not None and not (
        own.filter(owner_id=user_id).exists()
        or Membership.objects.filter(organization_id=acting.organization_id, user_id=user_id).exists()
    ):
        raise Invalid(NO_PERSON)


def _record(action: str, acting: Membership, hold: LegalHold) -> None:
    member = hold.user
    record(
        action,
        actor_id=acting.user_id,
        organization_id=acting.organization_id,
        target=("hold", hold.id),
        facts={
            "member": str(hold.user_id) if hold.user_id else None,
            "conversation": str(hold.conversation_id) if hold.conversation_id else None,
            "reason": hold.reason,
        },
        labels={acting.user_id: acting.user.email, **({member.id: member.email} if member else {})},
    )
