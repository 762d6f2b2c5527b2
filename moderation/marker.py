"""What takes the place of text that was redacted."""

from __future__ import annotations

from collections.abc import Iterable

from moderation.policy import Policy


def marker(policy: Policy, categories: Iterable[str]) -> str:
    """Return the marker for categories, by their ids, in the order of what was found."""
    return f"[redacted: {', '.join(policy.category(id).title for id in dict.fromkeys(categories))}]"
