"""Titles: asked for once, never waited for long, and swept up through the queue."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Membership
from bench.script import prompt_for
from chat import tasks, titles
from chat.models import Conversation, Generation, Message
from chat.states import State
from inference.models import LedgerEntry
from tests.cast import Cast
from tests.database import race
from tests.site import Site, wait_until


def asked(member: Membership, text: str) -> Conversation:
    """Return a conversation with one released prompt; nobody has answered it."""
    conversation = Conversation.objects.create(
        id=uuid.uuid4(), organization_id=member.organization_id, owner_id=member.user_id
    )
    Message.objects.create(
        id=uuid.uuid4(),
        conversation=conversation,
        role=Message.Role.USER,
        release=Message.Release.RELEASED,
        parts=[{"type": "text", "text": text}],
    )
    return conversation


def title_of(conversation: Conversation) -> str:
    return Conversation.objects.get(id=conversation.id).title


def test_two_jobs_at_once_ask_the_engine_once(servers: Site, scripted: str, cast: Cast, settings: Settings) -> None:
    settings.ENGINE_URL = f"{scripted}/v1"
    conversation = asked(cast.bob, prompt_for({"text": "Rivers", "first_ms": 300}))
    errors = race([partial(titles.give_title, conversation.id)] * 2)
    assert errors == [None, None]
    assert title_of(conversation) == "Rivers"
    assert LedgerEntry.objects.filter(conversation_id=conversation.id).count() == 1


def test_an_engine_that_hangs_is_not_waited_for(
    servers: Site, scripted: str, cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ENGINE_URL = f"{scripted}/v1"
    monkeypatch.setattr(titles, "PATIENCE_SECONDS", 0.5)
    conversation = asked(cast.bob, prompt_for({"stall_at": 0}))
    begun = time.monotonic()
    titles.give_title(conversation.id)
    assert time.monotonic() - begun < 5
    assert title_of(conversation) == titles.first_words(prompt_for({"stall_at": 0}))
    assert LedgerEntry.objects.get(conversation_id=conversation.id).outcome == LedgerEntry.Outcome.FAILED


def test_a_sweep_asks_no_engine_itself(site: Site, scripted: str, cast: Cast, settings: Settings) -> None:
    settings.ENGINE_URL = f"{scripted}/v1"
    conversation = asked(cast.bob, prompt_for({"stall_at": 0}))
    answer = Message.objects.create(
        id=uuid.uuid4(),
        conversation=conversation,
        role=Message.Role.ASSISTANT,
        parent=conversation.messages.get(),
        release=Message.Release.RELEASED,
    )
    Generation.objects.create(
        message=answer,
        organization_id=conversation.organization_id,
        user_id=conversation.owner_id,
        state=State.DONE,
        ended_at=timezone.now() - timedelta(minutes=1),
    )
    begun = time.monotonic()
    tasks.title_untitled()
    assert time.monotonic() - begun < 5
    # The site's own jobs, which have another engine, take it from the queue.
    wait_until(lambda: bool(title_of(conversation)), "the title")
