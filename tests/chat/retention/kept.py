"""Conversations of an age, and runs of retention, for tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Membership
from chat.jobs import runner
from chat.jobs.actions import ask
from chat.models import Conversation, Job, RetentionRules
from tests.chat.history import said


def aged(member: Membership, days: float, text: str = "Hello", **fields: Any) -> Conversation:
    """Store a conversation that changed last so long ago."""
    found = said(member, text, "An answer").conversation
    at = timezone.now() - timedelta(days=days)
    Conversation.objects.filter(id=found.id).update(**{"updated_at": at, "created_at": at, **fields})
    found.refresh_from_db()
    return found


def keep_for(member: Membership, **days: int | None) -> None:
    """Let an organization's rules be these, and as if they had been for long."""
    RetentionRules.objects.update_or_create(
        organization_id=member.organization_id,
        defaults={**days, "changed_at": timezone.now() - timedelta(days=3), "before": {}},
    )


def run_retention(member: Membership, **facts: str) -> Job:
    """Run retention in a member's organization to its end, here."""
    job = ask("retention", organization=member.organization, key=str(member.organization_id), facts=facts)
    while runner.run(job.id):
        pass
    job.refresh_from_db()
    return job


def is_there(conversation: Conversation) -> bool:
    return Conversation.objects.filter(id=conversation.id).exists()
