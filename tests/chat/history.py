"""Stored conversations for tests, written as rows: nobody has to wait for an engine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import Membership
from chat.models import Conversation, Message
from moderation.channel import Channel
from moderation.document import digest, facts
from moderation.models import OrganizationPolicy, PolicyVersion
from moderation.policy import Category, Match, Policy, Rule, Terms
from moderation.verdict import Verdict

PUBLISHED = PolicyVersion.State.PUBLISHED


def said(member: Membership, text: str, answer: str = "", at: datetime | None = None) -> Message:
    """Store a prompt, and its answer where there is one; return the prompt."""
    conversation = Conversation.objects.create(
        organization_id=member.organization_id, owner_id=member.user_id, title="Talk"
    )
    at = at or timezone.now()
    prompt = message(conversation, [{"type": "text", "text": text}], at)
    if answer:
        message(conversation, [{"type": "text", "text": answer}], at, Message.Role.ASSISTANT)
    return prompt


def message(
    conversation: Conversation, parts: Sequence[dict[str, Any]], at: datetime, role: str = Message.Role.USER
) -> Message:
    """Store one released message."""
    return Message.objects.create(
        conversation=conversation, role=role, release=Message.Release.RELEASED, parts=list(parts), created_at=at
    )


def rule(id: str, action: Verdict, *terms: str, match: Match | None = None, **more: Any) -> Rule:
    """Return a rule about words, which reads every channel."""
    return Rule(
        id=id,
        title=id.capitalize(),
        category="secrets",
        action=action,
        channels=frozenset(Channel),
        match=match or Terms(terms=terms),
        **more,
    )


def policy(*rules: Rule, name: str = "House rules") -> Policy:
    return Policy(name=name, rules=rules, categories=(Category(id="secrets", title="Secrets"),))


def version(member: Membership, number: int, document: Policy, *, enforced: bool = False) -> PolicyVersion:
    """Store a version of a member's organization, and enforce it where that is asked for."""
    made = PolicyVersion.objects.create(
        organization_id=member.organization_id,
        number=number,
        name=document.name,
        state=PUBLISHED if enforced else PolicyVersion.State.DRAFT,
        document=facts(document),
        digest=digest(facts(document)),
    )
    if enforced:
        OrganizationPolicy.objects.update_or_create(
            organization_id=member.organization_id, defaults={"enforced": made}
        )
    return made
