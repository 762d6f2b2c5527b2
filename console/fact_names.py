"""What facts are called, where a field's own name would not say it."""

from __future__ import annotations

from collections.abc import Mapping

REASONING = {
    "default": "reasoning where nobody chooses",
    "ceiling": "the most reasoning",
    "locked": "whether people may choose the reasoning",
    "seen by": "who sees the reasoning",
    "roles": "the roles that see the reasoning",
    "earlier thoughts sent": "whether earlier thoughts are sent again",
    "sampling ceilings": "bounds of sampling",
}
LIMIT = {"soft": "where it warns", "hard": "where it stops", "user": "person"}
# By what an action begins with.
NAMES: Mapping[str, Mapping[str, str]] = {
    "accounts.branding.": {"accent": "accent colour", "guidance url": "address of the rules of use"},
    "accounts.sign_in_rules.": {
        "second factor for": "who needs a second factor",
        "session hours": "hours until one must sign in again",
        "domains": "domains of invitations",
    },
    "chat.break_glass.": {
        "second person": "a second person must approve",
        "notice": "when the member is told",
        "most hours": "most hours",
    },
    "chat.retention.changed": {
        "active days": "conversations (days)",
        "pinned days": "pinned conversations (days)",
        "deleted days": "deleted conversations (days)",
        "temporary hours": "temporary chats (hours)",
        "review days": "withheld text (days)",
    },
    "inference.model.": {
        "default": "whether it is the default",
        "enabled": "whether it is switched on",
        "for everyone": "whether every organization may use it",
        "only classifies": "whether it only classifies",
        "prompt format": "format of prompts",
        "prompt price": "price of what is read",
        "answer price": "price of what is written",
        "new keys": "new keys of servers",
    },
    "inference.operator_quota.": LIMIT,
    "inference.platform_rules.": REASONING,
    "inference.quota.": LIMIT,
    "inference.rules.": REASONING,
}


def name_words(action: str, name: str) -> str:
    """Return what a fact of an action is called."""
    known = next((names for start, names in NAMES.items() if action.startswith(start)), {})
    plain = name.replace("_", " ")
    return known.get(plain, plain)


def names_words(action: str, names: str) -> str:
    """Return what the facts in a list such as "soft, hard" are called."""
    return ", ".join(name_words(action, name) for name in names.split(", ") if name)
