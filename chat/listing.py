"""The conversation list in sections, as people look for things: pinned, today, yesterday, earlier."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from chat.models import Conversation
from chat.queries import listing

MOST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the list."""

    id: uuid.UUID
    title: str
    pinned: bool
    active: bool
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    title: str
    conversations: list[Row] = field(default_factory=list)


def sections(membership: Membership, query: str) -> list[Section]:
    """Return a member's conversations under headings, newest first; empty headings are left out."""
    found = listing(membership, query)[:MOST]
    return arrange(found, membership.organization.slug, timezone.localtime())


def arrange(found: Iterable[Conversation], slug: str, now: datetime) -> list[Section]:
    """Put conversations under headings by when they last changed."""
    kept: dict[str, Section] = {}
    for conversation in found:
        title = "Pinned" if conversation.pinned_at else _when(conversation.updated_at, now)
        kept.setdefault(title, Section(title=title)).conversations.append(_row(conversation, slug))
    return [kept[title] for title in ("Pinned", *(title for _, title in AGES), "Older") if title in kept]


AGES = ((0, "Today"), (1, "Yesterday"), (7, "Previous 7 days"), (30, "Previous 30 days"))


def _when(changed: datetime, now: datetime) -> str:
    days = (now.date() - timezone.localtime(changed).date()) // timedelta(days=1)
    return next((title for most, title in AGES if days <= most), "Older")


def _row(conversation: Conversation, slug: str) -> Row:
    return Row(
        id=conversation.id,
        title=conversation.title or "New chat",
        pinned=conversation.pinned_at is not None,
        active=bool(getattr(conversation, "active", False)),
        url=reverse("chat:conversation", args=[slug, conversation.id]),
    )
