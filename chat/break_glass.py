"""The one way to another person's conversation. Every read proves the leave inside the statement that counts it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Max, Q, QuerySet
from django.utils import timezone

from accounts.features import is_on
from accounts.models import Membership, Role
from audit.record import record
from chat.errors import NotFound
from chat.models import BreakGlass, BreakGlassRules, Conversation, Message
from chat.queries import branch_of, sight_of
from chat.released import released
from chat.transcript import Part

SEERS = (Role.OWNER, Role.ADMIN, Role.REVIEWER)
PER_PAGE = 20
ANSWERED_WITHIN = timedelta(days=7)
"""A request that nobody has answered by then is closed."""
GONE = "There is no such request here, its time is over, or it is not yours."
State = BreakGlass.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message, as its reader may have it."""

    role: str
    at: datetime
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of the shown branch, oldest first. `number` begins with 1."""

    glass: BreakGlass
    number: int
    pages: int
    messages: Sequence[Said]


def conversation_under_glass(acting: Membership, break_glass_id: uuid.UUID, number: int = 1) -> Page:
    """Return a page of a conversation that this person has leave to read now; raises NotFound.

    That it was read is counted and recorded, page by page.
    """
    if not is_on("break-glass", acting.organization_id):
        raise NotFound(GONE)
    with transaction.atomic():
        mine = _open_to(acting).filter(id=break_glass_id)
        if not mine.update(pages_read=F("pages_read") + 1):
            raise NotFound(GONE)
        glass = BreakGlass.objects.select_related("conversation", "member").get(id=break_glass_id)
        assert glass.conversation is not None
        branch = branch_of(glass.conversation)
        pages = max(1, -(-len(branch) // PER_PAGE))
        number = min(max(1, number), pages)
        _record_page(acting, glass, number, pages)
        shown = branch[(number - 1) * PER_PAGE : number * PER_PAGE]
        return Page(glass=glass, number=number, pages=pages, messages=_said(acting, shown))


def glasses_of(membership: Membership) -> QuerySet[BreakGlass]:
    """Return the requests of an organization for those who may answer them, newest first."""
    if membership.role not in SEERS:
        return BreakGlass.objects.none()
    # Whose conversation it is hears of it by the notice, not by their office.
    told = ~Q(member_id=membership.user_id) | Q(noticed_at__lte=timezone.now())
    found = BreakGlass.objects.filter(told, organization_id=membership.organization_id)
    return found.select_related("member", "requested_by", "decided_by").order_by("-created_at", "id")


def glass_in(membership: Membership, glass_id: uuid.UUID) -> BreakGlass:
    """Return one of these; raises NotFound."""
    found = glasses_of(membership).filter(id=glass_id).first()
    if found is None:
        raise NotFound(GONE)
    return found


def answerable(found: QuerySet[BreakGlass], now: datetime) -> QuerySet[BreakGlass]:
    """Return the requests that can still be answered."""
    return found.filter(state=State.REQUESTED, created_at__gt=now - ANSWERED_WITHIN, conversation__isnull=False)


def readings_of(membership: Membership) -> QuerySet[BreakGlass]:
    """Return who was let read this member's own conversations, as far as they are to be told by now, newest first."""
    own = BreakGlass.objects.filter(
        organization_id=membership.organization_id, member_id=membership.user_id, noticed_at__lte=timezone.now()
    )
    return own.select_related("requested_by", "decided_by").order_by("-noticed_at", "id")


def rules_of(organization_id: uuid.UUID) -> BreakGlassRules:
    """Return how conversations may be read in an organization; what holds without a choice is not saved."""
    found = BreakGlassRules.objects.filter(organization_id=organization_id).first()
    return found or BreakGlassRules(organization_id=organization_id)


def conversations_by(membership: Membership, user_id: uuid.UUID) -> QuerySet[Conversation]:
    """Return one person's conversations for those who may ask to read one: ids, times and counts, never a word."""
    if membership.role not in SEERS:
        return Conversation.objects.none()
    found = Conversation.objects.filter(organization_id=membership.organization_id, owner_id=user_id)
    counted = found.annotate(messages_count=Count("messages"), last_at=Max("messages__created_at"))
    shown = ("id", "created_at", "updated_at", "deleted_at", "is_temporary", "owner_id", "organization_id")
    return counted.only(*shown).order_by("-updated_at", "id")


def _open_to(acting: Membership) -> QuerySet[BreakGlass]:
    """Return what this person may read at this moment."""
    if acting.role not in SEERS:
        return BreakGlass.objects.none()
    return BreakGlass.objects.filter(
        Q(conversation__organization_id=acting.organization_id),
        organization_id=acting.organization_id,
        requested_by_id=acting.user_id,
        state=State.OPEN,
        ends_at__gt=timezone.now(),
    )


def _said(acting: Membership, branch: Sequence[Message]) -> list[Said]:
    sight = sight_of(acting)
    return [Said(role=one.role, at=one.created_at, parts=released(one, sight)) for one in branch]


def _record_page(acting: Membership, glass: BreakGlass, number: int, pages: int) -> None:
    record(
        "chat.break_glass.page_read",
        actor_id=acting.user_id,
        organization_id=acting.organization_id,
        target=("break-glass", glass.id),
        facts={
            "member": str(glass.member_id),
            "conversation": str(glass.conversation_id),
            "page": number,
            "pages": pages,
        },
        labels={acting.user_id: acting.user.email, glass.member_id: glass.member.email},
    )
