"""Files that the console gives out: that somebody took one is recorded."""

from __future__ import annotations

from django.db import transaction

from accounts.deeds import say
from accounts.models import Membership
from audit.record import Fact


def say_exported(acting: Membership, action: str, **facts: Fact) -> None:
    """Record that somebody took a file about their organization."""
    with transaction.atomic():
        say(acting, action, ("organization", acting.organization_id), facts)
