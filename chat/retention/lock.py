"""Deleting for good, placing holds, and writing down what may be deleted: one at a time in an organization."""

from __future__ import annotations

import uuid

from accounts.models import Organization


def lock_retention(organization_id: uuid.UUID) -> None:
    """Until the end of the transaction no hold is placed or lifted there, and nothing is deleted for good.

    Placing a hold takes the same lock (accounts.queries.locked). Take it before any row of a conversation.
    """
    Organization.objects.select_for_update(no_key=True).get(id=organization_id)
