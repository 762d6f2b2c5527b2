"""The actions of the audit record, sorted into areas that people look for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from audit.action_names import is_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """`prefixes` are names of actions, or what they begin with up to a dot."""

    id: str
    title: str
    prefixes: Sequence[str]


AREAS: Sequence[Area] = (
    Area(
        id="sign-in",
        title="Signing in",
        prefixes=(
            "accounts.signed_in",
            "accounts.signed_out",
            "accounts.sign_in_failed",
            "accounts.reauthenticated",
            "accounts.session",
            "accounts.password",
            "accounts.second_factor",
            "accounts.email",
            "accounts.single_sign_on",
        ),
    ),
    Area(
        id="people",
        title="People and groups",
        prefixes=("accounts.member", "accounts.invitation", "accounts.group", "accounts.person"),
    ),
    Area(
        id="settings",
        title="Settings",
        prefixes=("accounts.organization", "accounts.branding", "accounts.sign_in_rules", "accounts.feature"),
    ),
    Area(
        id="models",
        title="Models and assistants",
        prefixes=(
            "inference.model",
            "inference.preset",
            "inference.schema",
            "inference.rules",
            "inference.platform_rules",
        ),
    ),
    Area(
        id="quotas",
        title="Quotas and usage",
        prefixes=("inference.quota", "inference.operator_quota", "inference.usage", "chat.share"),
    ),
    Area(
        id="policy",
        title="Policy",
        prefixes=(
            "moderation.policy",
            "moderation.exemption",
            "moderation.risk",
            "moderation.hits",
            "chat.backtest",
        ),
    ),
    Area(
        id="decisions",
        title="Moderation decisions",
        prefixes=("moderation.text", "moderation.prompt", "moderation.title", "moderation.review"),
    ),
    Area(id="chats", title="Chats", prefixes=("chat.prompt", "chat.answer", "chat.conversation")),
    Area(id="keeping", title="Retention and holds", prefixes=("chat.retention", "chat.hold")),
    Area(id="break-glass", title="Break-glass", prefixes=("chat.break_glass",)),
    Area(id="jobs", title="Jobs and exports", prefixes=("chat.job", "chat.export", "audit.record")),
)
OTHER = Area(id="other", title="Other", prefixes=())
BY_ID: Mapping[str, Area] = {one.id: one for one in AREAS}


@cache
def area_of(action: str) -> Area:
    """Return the area of an action."""
    return next((one for one in AREAS if any(is_in(action, prefix) for prefix in one.prefixes)), OTHER)


def count_areas(actions: Iterable[tuple[str, int]]) -> Counter[str]:
    """Return the counts of actions as counts of areas, by their ids."""
    found: Counter[str] = Counter()
    for action, count in actions:
        found[area_of(action).id] += count
    return found
