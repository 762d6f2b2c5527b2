"""What the console shows. Every read is bound to the organization of a proved membership."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, QuerySet

from accounts.errors import NoAccess
from accounts.models import Group, Invitation, Membership, Role
from accounts.queries import open_invitations
from audit.models import Event, Label

LONGEST_QUERY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Figures of the overview."""

    people: int
    groups: int
    invitations: int
    shut_out: int


def counts_of(membership: Membership) -> Counts:
    """Return how many there are of each thing."""
    organization = membership.organization
    return Counts(
        people=organization.memberships.filter(deactivated_at=None).count(),
        shut_out=organization.memberships.exclude(deactivated_at=None).count(),
        groups=organization.groups.count(),
        invitations=open_invitations().filter(organization=organization).count(),
    )


def people_of(membership: Membership, query: str = "") -> QuerySet[Membership]:
    """Return the organization's members, by name, those that match a search."""
    found = Membership.objects.filter(organization_id=membership.organization_id).select_related("user")
    words = query.replace("\x00", "").strip()[:LONGEST_QUERY]
    if words:
        found = found.filter(Q(user__name__icontains=words) | Q(user__email__icontains=words))
    return found.prefetch_related("groups").order_by("user__name", "user__email")


def member_here(membership: Membership, member_id: int) -> Membership:
    """Return a member of the same organization, with `group_names`; raises NoAccess."""
    names = Group.objects.filter(members=OuterRef("id")).order_by("name").values("name")
    people = people_of(membership).prefetch_related(None).annotate(group_names=ArraySubquery(names))
    found = people.filter(id=member_id).first()
    if found is None:
        raise NoAccess
    return found


def invitations_of(membership: Membership) -> QuerySet[Invitation]:
    """Return the organization's invitations, newest first."""
    found = Invitation.objects.filter(organization_id=membership.organization_id)
    return found.select_related("invited_by", "accepted_by").order_by("-created_at")


def invitation_here(membership: Membership, invitation_id: uuid.UUID) -> Invitation:
    """Return an invitation of the same organization; raises NoAccess."""
    found = invitations_of(membership).filter(id=invitation_id).first()
    if found is None:
        raise NoAccess
    return found


def groups_of(membership: Membership) -> QuerySet[Group]:
    """Return the organization's groups with the number of their members, by name."""
    found = Group.objects.filter(organization_id=membership.organization_id)
    return found.annotate(size=Count("members")).order_by("name")


def group_here(membership: Membership, group_id: int) -> Group:
    """Return a group of the same organization; raises NoAccess."""
    found = groups_of(membership).filter(id=group_id).first()
    if found is None:
        raise NoAccess
    return found


def events_of(membership: Membership) -> QuerySet[Event]:
    """Return what happened in the organization, newest first."""
    return Event.objects.filter(organization_id=membership.organization_id).order_by("-at", "-id")


def labels_of(events: Iterable[Event]) -> dict[uuid.UUID, str]:
    """Return the names behind the ids that events speak of; an erased one is missing."""
    return names_of(ids_in(events))


def ids_in(events: Iterable[Event]) -> set[uuid.UUID]:
    """Return the ids that events speak of."""
    ids: set[uuid.UUID] = set()
    for event in events:
        ids |= {one for one in (event.actor_id, event.address_id, *_named(event)) if one}
    return ids


def names_of(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the names behind ids; an erased one is missing."""
    return dict(Label.objects.filter(id__in=set(ids)).values_list("id", "text"))


def assignable_roles(membership: Membership) -> list[Role]:
    """Return the roles that somebody may give: only owners make owners."""
    return [role for role in Role if role != Role.OWNER or membership.role == Role.OWNER]


def _named(event: Event) -> Iterable[uuid.UUID | None]:
    yield as_id(event.target_id)
    yield from (as_id(fact) for fact in event.facts.values() if isinstance(fact, str))


def as_id(text: str) -> uuid.UUID | None:
    """Return a text as an id, or None when it is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
