"""The way from a part of a policy's version back to the version's page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.models import Membership
from moderation.models import PolicyVersion


def to_version(acting: Membership, version: PolicyVersion, place: str = "") -> HttpResponse:
    """Return to a version, at a place of its page."""
    answer = redirect("console:policy-version", acting.organization.slug, version.id)
    answer["Location"] += place
    return answer
