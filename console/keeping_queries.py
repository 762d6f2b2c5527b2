"""Reads about what is kept. Access is proved by the membership."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from accounts.models import Membership
from chat.errors import NotFound
from chat.models import DeletionCertificate, LegalHold


def certificates_of(membership: Membership) -> QuerySet[DeletionCertificate]:
    """Return an organization's certificates, newest first."""
    found = DeletionCertificate.objects.filter(organization_id=membership.organization_id)
    return found.select_related("organization").order_by("-at", "id")


def certificate_here(membership: Membership, certificate_id: uuid.UUID) -> DeletionCertificate:
    """Return one of them; raises NotFound."""
    found = certificates_of(membership).filter(id=certificate_id).first()
    if found is None:
        raise NotFound("This certificate does not exist, or you have no access to it.")
    return found


def holds_of(membership: Membership) -> QuerySet[LegalHold]:
    """Return an organization's holds, those in force first, newest first."""
    found = LegalHold.objects.filter(organization_id=membership.organization_id)
    return found.select_related("user", "placed_by", "lifted_by").order_by("-placed_at", "id")
