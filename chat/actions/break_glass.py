"""Break-glass: somebody's leave to read one conversation of a member, from the request to its end."""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.deeds import say
from accounts.errors import NotAllowed
from accounts.features import is_on
from accounts.models import Membership, Role
from accounts.queries import locked
from audit.record import record
from chat import hints
from chat.actions.holds import reason_of
from chat.break_glass import SEERS, answerable, glass_in, readings_of, rules_of
from chat.errors import Invalid, NotOffered
from chat.models import BreakGlass, BreakGlassRules, Conversation

MOST_HOURS = 168
MANAGERS = (Role.OWNER, Role.ADMIN)
State = BreakGlass.State
OFF = "Break-glass is switched off here. Ask the operator of this installation."
OWN = "This is a conversation of your own. Open it in the chat."
NO_CONVERSATION = "There is no conversation with this id here. It may have been deleted already."
OPEN_ALREADY = "You have asked for this conversation already. Wait for an answer, or read it while it is open."
DECIDED = "Somebody has answered this request meanwhile, or it was too old. Nothing was changed."
NOT_YOU = "Somebody else must answer this: neither who asked for it nor whose conversation it is."


def ask(*, acting: Membership, conversation_id: uuid.UUID, reason: str, hours: int) -> BreakGlass:
    """Ask to read a conversation; it opens at once where the organization wants no second person.

    Raises NotAllowed, NotOffered or Invalid.
    """
    reason = reason_of(reason)
    with transaction.atomic():
        membership = _seer(acting)
        rules = rules_of(membership.organization_id)
        if not 1 <= hours <= rules.most_hours:
            raise Invalid(f"Choose a time from 1 to {rules.most_hours} hours.")
        conversation = _named(membership, conversation_id)
        glass = BreakGlass.objects.create(
            organization_id=membership.organization_id,
            conversation=conversation,
            member_id=conversation.owner_id,
            requested_by_id=membership.user_id,
            reason=reason,
            hours=hours,
            notice=rules.notice,
        )
        _record("chat.break_glass.requested", membership, glass)
        if not rules.second_person:
            _open(membership, glass, None)
        return glass


def approve(*, acting: Membership, glass_id: uuid.UUID) -> BreakGlass:
    """Let somebody else read what they asked for, from now on. Raises NotAllowed, NotFound, NotOffered or Invalid."""
    with transaction.atomic():
        membership = _seer(acting)
        glass = _to_answer(membership, glass_id)
        _open(membership, glass, membership.user_id)
        return glass


def refuse(*, acting: Membership, glass_id: uuid.UUID) -> BreakGlass:
    """Do not let somebody read what they asked for. Raises NotAllowed, NotFound, NotOffered or Invalid."""
    with transaction.atomic():
        membership = _seer(acting)
        glass = _to_answer(membership, glass_id)
        facts = {"state": State.REFUSED, "decided_by_id": membership.user_id, "closed_at": timezone.now()}
        _move(glass, State.REQUESTED, **facts)
        _record("chat.break_glass.refused", membership, glass)
        return glass


def close(*, acting: Membership, glass_id: uuid.UUID) -> BreakGlass:
    """End it before its time: who asked, or anybody who could have approved it.

    Raises NoAccess, NotFound or Invalid.
    """
    with transaction.atomic():
        membership = locked(acting)
        glass = glass_in(membership, glass_id)
        if membership.user_id == glass.member_id:
            raise Invalid(NOT_YOU)
        now = timezone.now()
        if glass.state == State.OPEN and glass.ends_at is not None and glass.ends_at > now:
            told = min(glass.noticed_at or now, now)
            _move(glass, State.OPEN, state=State.CLOSED, closed_at=now, noticed_at=told)
            _record("chat.break_glass.closed", membership, glass, pages=glass.pages_read)
        elif glass.state == State.REQUESTED and glass.requested_by_id == membership.user_id:
            _move(glass, State.REQUESTED, state=State.CLOSED, closed_at=now)
            _record("chat.break_glass.withdrawn", membership, glass)
        return glass


def see(*, acting: Membership) -> int:
    """Note that a member has seen who read their conversations; return how many notices were new."""
    now = timezone.now()
    with transaction.atomic():
        new = list(readings_of(acting).filter(seen_at=None))
        for glass in new:
            glass.seen_at = now
            glass.save(update_fields=["seen_at"])
            _record("chat.break_glass.seen", acting, glass)
        return len(new)


def set_rules(*, acting: Membership, second_person: bool, notice: str, most_hours: int) -> BreakGlassRules:
    """Say how conversations may be read here. Raises NotAllowed or Invalid."""
    if notice not in BreakGlassRules.Notice.values or not 1 <= most_hours <= MOST_HOURS:
        raise Invalid(f"Choose when the member is told, and a time from 1 to {MOST_HOURS} hours.")
    with transaction.atomic():
        membership = locked(acting)
        if membership.role not in MANAGERS:
            raise NotAllowed
        before = rules_of(membership.organization_id)
        after, _ = BreakGlassRules.objects.update_or_create(
            organization_id=membership.organization_id,
            defaults={"second_person": second_person, "notice": notice, "most_hours": most_hours},
        )
        _record_rules(membership, before, after)
        return after


def _seer(acting: Membership) -> Membership:
    membership = locked(acting)
    if membership.role not in SEERS:
        raise NotAllowed
    if not is_on("break-glass", membership.organization_id):
        raise NotOffered(OFF)
    return membership


def _named(acting: Membership, conversation_id: uuid.UUID) -> Conversation:
    found = Conversation.objects.filter(id=conversation_id, organization_id=acting.organization_id).first()
    if found is None:
        raise Invalid(NO_CONVERSATION)
    if found.owner_id == acting.user_id:
        raise Invalid(OWN)
    now = timezone.now()
    mine = BreakGlass.objects.filter(conversation=found, requested_by_id=acting.user_id)
    if (answerable(mine, now) | mine.filter(state=State.OPEN, ends_at__gt=now)).exists():
        raise Invalid(OPEN_ALREADY)
    return found


def _to_answer(acting: Membership, glass_id: uuid.UUID) -> BreakGlass:
    glass = glass_in(acting, glass_id)
    if acting.user_id in (glass.requested_by_id, glass.member_id):
        raise Invalid(NOT_YOU)
    if not answerable(BreakGlass.objects.filter(id=glass.id), timezone.now()).exists():
        raise Invalid(DECIDED)
    return glass


def _open(acting: Membership, glass: BreakGlass, decided_by: uuid.UUID | None) -> None:
    now = timezone.now()
    ends_at = now + timedelta(hours=glass.hours)
    told = now if glass.notice == BreakGlassRules.Notice.NOW else ends_at
    facts = {"decided_by_id": decided_by, "opened_at": now, "ends_at": ends_at, "noticed_at": told}
    _move(glass, State.REQUESTED, state=State.OPEN, **facts)
    _record("chat.break_glass.opened", acting, glass, hours=glass.hours, notice=glass.notice)
    if told == now:
        transaction.on_commit(partial(hints.listing_changed, glass.organization_id, glass.member_id))


def _move(glass: BreakGlass, before: str, **facts: Any) -> None:
    """Change a row that is still in a state; raises Invalid when somebody was faster."""
    rows: QuerySet[BreakGlass] = BreakGlass.objects.filter(id=glass.id, state=before)
    if not rows.update(**facts):
        raise Invalid(DECIDED)
    glass.refresh_from_db()


def _record(action: str, acting: Membership, glass: BreakGlass, **more: str | int) -> None:
    record(
        action,
        actor_id=acting.user_id,
        organization_id=glass.organization_id,
        target=("break-glass", glass.id),
        facts={
            "member": str(glass.member_id),
            "conversation": str(glass.conversation_id) if glass.conversation_id else None,
            "reason": glass.reason,
            **more,
        },
        labels={acting.user_id: acting.user.email, glass.member_id: glass.member.email},
    )


def _record_rules(acting: Membership, before: BreakGlassRules, after: BreakGlassRules) -> None:
    names = ("second_person", "notice", "most_hours")
    facts = {
        **{f"{name}_before": getattr(before, name) for name in names},
        **{f"{name}_after": getattr(after, name) for name in names},
    }
    say(acting, "chat.break_glass.rules_changed", ("organization", acting.organization_id), facts)
