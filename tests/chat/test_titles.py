"""Titles: asked for once, never waited for long, and swept up through the queue."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from accounts.models import Membership
from bench.script import prompt_for
from chat import tasks, title_call, titles
from chat.models import Conversation, Generation, Message
from chat.states import State
from inference.models import ChatModel, LedgerEntry
from tests.cast import Cast
from tests.database import race
from tests.site import Site, wait_until


def asked(member: Membership, text: str, model: ChatModel | None = None) -> Conversation:
    """Return a conversation with one released prompt and its answer by this model."""
    conversation = Conversation.objects.create(
        id=uuid.uuid4(), organization_id=member.organization_id, owner_id=member.user_id
    )
    prompt = Message.objects.create(
        id=uuid.uuid4(),
        conversation=conversation,
        role=Message.Role.USER,
        release=Message.Release.RELEASED,
        parts=[{"type": "text", "text": text}],
    )
    answer = Message.objects.create(
        id=uuid.uuid4(),
        conversation=conversation,
        role=Message.Role.ASSISTANT,
        parent=prompt,
        release=Message.Release.RELEASED,
    )
    Generation.objects.create(
        message=answer,
        organization_id=conversation.organization_id,
        user_id=conversation.owner_id,
        chat_model=model,
        state=State.DONE,
        ended_at=timezone.now(),
    )
    return conversation


def title_of(conversation: Conversation) -> str:
    return Conversation.objects.get(id=conversation.id).title


def test_two_jobs_at_once_ask_the_engine_once(servers: Site, cast: Cast, model: ChatModel) -> None:
    conversation = asked(cast.bob, prompt_for({"text": "Rivers", "first_ms": 300}), model)
    assert race([partial(titles.give_title, conversation.id)] * 2) == [True, True]
    assert title_of(conversation) == "Rivers"
    entry = LedgerEntry.objects.get(conversation_id=conversation.id)
    assert (entry.outcome, entry.model) == (LedgerEntry.Outcome.DONE, model.name)


def test_an_engine_that_hangs_is_not_waited_for(
    servers: Site, cast: Cast, model: ChatModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(title_call, "PATIENCE_SECONDS", 0.5)
    conversation = asked(cast.bob, prompt_for({"stall_at": 0}), model)
    begun = time.monotonic()
    titles.give_title(conversation.id)
    assert time.monotonic() - begun < 20
    assert title_of(conversation) == titles.first_words(prompt_for({"stall_at": 0}))
    assert LedgerEntry.objects.get(conversation_id=conversation.id).outcome == LedgerEntry.Outcome.FAILED


def test_a_model_that_was_withdrawn_is_not_asked(servers: Site, cast: Cast, model: ChatModel) -> None:
    model.organizations.clear()
    prompt = prompt_for({"text": "Rivers"})
    conversation = asked(cast.bob, prompt, model)
    titles.give_title(conversation.id)
    assert title_of(conversation) == titles.first_words(prompt)
    assert LedgerEntry.objects.get(conversation_id=conversation.id).outcome == LedgerEntry.Outcome.FAILED


def test_a_sweep_asks_no_engine_itself(site: Site, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(conversation_id: uuid.UUID) -> None:
        raise AssertionError("The sweep makes a title itself.")

    monkeypatch.setattr(titles, "give_title", refuse)
    conversation = asked(cast.bob, "Where does the river bend?")
    Generation.objects.filter(message__conversation=conversation).update(
        ended_at=timezone.now() - timedelta(minutes=1)
    )
    tasks.title_untitled()
    # The site's own jobs take it from the queue.
    wait_until(lambda: bool(title_of(conversation)), "the title")
