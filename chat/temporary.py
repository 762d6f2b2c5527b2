"""What a page tells of temporary chats."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from chat.page_facts import PageFacts
from chat.retention.rules import in_force


def temporary_facts(known: PageFacts) -> dict[str, Any]:
    """Return whether a member may begin temporary chats here, and after how many hours they are deleted."""
    rules = in_force(known.retention, timezone.now())
    return {"offered": known.features["temporary-chats"], "hours": rules.temporary_hours}
