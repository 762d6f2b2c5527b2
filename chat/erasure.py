"""Erase what was deleted, once undoing it is no longer offered."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from chat.models import Conversation

KEPT = timedelta(days=7)


def erase_deleted_conversations() -> int:
    """Delete the rows of conversations deleted a week ago; return how many. The ledger and the audit record stay."""
    old = Conversation.objects.filter(deleted_at__lt=timezone.now() - KEPT)
    count = old.count()
    old.delete()
    return count
