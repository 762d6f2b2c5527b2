"""What others may wish to hear. Sent when the transaction is committed."""

from __future__ import annotations

from django.dispatch import Signal

policy_published = Signal()
"""Sent by OrganizationPolicy with `organization_id` and `version_id`: this version is enforced from now on."""
