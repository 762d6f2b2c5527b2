"""Stored conversations for tests, written as rows: nobody has to wait for an engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import cycle
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
PROMPTS = (
    "Could you check whether the lemon in this configuration is still valid?",
    "Please draft a friendly note about the cherry for our newsletter.",
    "What did the plum meeting decide about the launch?",
    "How do I sort a list by two keys in Python?",
    "Summarize this paragraph about tides in one sentence.",
)
ANSWER = "Here is a short overview of what I found, in order. The {fruit} is mentioned last."
FRUITS = ("apple", "pear", "plum")


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


def talk(people: Sequence[Membership], count: int) -> None:
    """Store many conversations at once, a prompt and an answer each, over some weeks."""
    conversations = [
        Conversation(organization_id=member.organization_id, owner_id=member.user_id, title="Talk")
        for member, _ in zip(cycle(people), range(count), strict=False)
    ]
    Conversation.objects.bulk_create(conversations)
    said = [one for number, talk in enumerate(conversations) for one in _exchange(talk, number)]
    Message.objects.bulk_create(said, batch_size=2000)


def _exchange(conversation: Conversation, number: int) -> Iterator[Message]:
    at = timezone.now() - timedelta(hours=number % 600)
    answer = ANSWER.format(fruit=FRUITS[number % 3])
    for role, text in ((Message.Role.USER, PROMPTS[number * 7 % 5]), (Message.Role.ASSISTANT, answer)):
        yield Message(
            conversation=conversation,
            role=role,
            release=Message.Release.RELEASED,
            parts=[{"type": "text", "text": text}],
            created_at=at,
        )


def rule(id: str, action: Verdict, *terms: str, title: str = "", match: Match | None = None, **more: Any) -> Rule:
    """Return a rule about words, which reads every channel."""
    return Rule(
        id=id,
        title=title or id.capitalize(),
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
