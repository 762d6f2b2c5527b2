"""Name conversations: ask the engine, and fall back to the first words when it has nothing usable to say."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from accounts.features import is_on
from audit.record import record
from chat import hints
from chat.background import must_wait, people_wait
from chat.models import Conversation, Generation, Message
from chat.prompts import spoken
from chat.states import State
from chat.title_call import PATIENCE_SECONDS, asked, model_of
from chat.title_policy import first_passing, judges_of, mandate_for
from moderation.models import HitRecord

WORDS_MOST = 8
CHARACTERS_MOST = 60
NAMELESS = "New chat"


def untitled(limit: int = 20) -> Sequence[uuid.UUID]:
    """Return conversations that were answered a while ago and still have no title."""
    answered = Generation.objects.filter(
        state=State.DONE, ended_at__lt=timezone.now() - timedelta(seconds=30)
    ).values("message__conversation_id")
    found = Conversation.objects.filter(title="", deleted_at=None, is_temporary=False, id__in=answered)
    return list(found.order_by("-updated_at").values_list("id", flat=True)[:limit])


def give_title(conversation_id: uuid.UUID) -> bool:
    """Give a conversation a title unless it has one, is being given one, or is temporary. Twice changes nothing.

    Where titles are switched off no model is asked to write one. Return False when people wait for a model that is
    needed: then it is to be tried again later.
    """
    unnamed = Conversation.objects.filter(id=conversation_id, title="", titled_by_owner=False)
    conversation = unnamed.filter(is_temporary=False).first()
    first = _first_prompt(conversation_id)
    if conversation is None or first is None:
        return True
    asks = is_on("titles", conversation.organization_id)
    if _yields(conversation, asks=asks):
        return False
    if not _is_first(conversation_id):
        return True
    said = usable(asked(conversation, first)) if asks else ""
    titles = [one for one in (said, first_words(first)) if one]
    passed = asyncio.run(first_passing(mandate_for(conversation), titles))
    # The sweep is not to ask again and again for what may not be shown.
    title = passed.title or NAMELESS
    with transaction.atomic():
        if unnamed.update(title=title):
            HitRecord.objects.bulk_create(passed.records)
            _say_titled(conversation, hits=sum(one.count for one in passed.records if not one.shadow))
            transaction.on_commit(
                partial(hints.title_changed, conversation.organization_id, conversation.owner_id, conversation_id)
            )
    return True


def _yields(conversation: Conversation, *, asks: bool) -> bool:
    """Say whether people wait for a model that is needed: the one that writes the title, the one that judges it."""
    models = [*([model_of(conversation)] if asks else []), *judges_of(conversation)]
    return must_wait(timezone.now() - conversation.updated_at, people_wait=people_wait(models))


def _say_titled(conversation: Conversation, *, hits: int) -> None:
    record(
        "chat.conversation.titled",
        actor_id=None,
        organization_id=conversation.organization_id,
        target=("conversation", conversation.id),
        facts={"hits": hits},
    )


def _is_first(conversation_id: uuid.UUID) -> bool:
    """Say that nobody else asks for this title now. A job that dies is forgotten soon after it would have ended."""
    return cache.add(f"title:{conversation_id}", True, timeout=2 * PATIENCE_SECONDS)


def usable(text: str) -> str:
    """Return a title made from a model's answer, or nothing when the answer is not a title."""
    line = next((one.strip() for one in text.splitlines() if one.strip()), "")
    line = re.sub(r"^(title\s*:|#+)\s*", "", line, flags=re.IGNORECASE).strip(" \"'“”*_.`")
    if not line or len(line) > CHARACTERS_MOST or len(line.split()) > WORDS_MOST:
        return ""
    return line


def first_words(text: str) -> str:
    """Return the first words of a prompt, at most CHARACTERS_MOST characters."""
    line = " ".join(text.split())
    if len(line) <= CHARACTERS_MOST:
        return line
    return line[:CHARACTERS_MOST].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"


def _first_prompt(conversation_id: uuid.UUID) -> str | None:
    prompt = (
        Message.objects.filter(
            conversation_id=conversation_id,
            role=Message.Role.USER,
            release=Message.Release.RELEASED,
        )
        .order_by("created_at")
        .first()
    )
    return spoken(prompt.parts) if prompt else None
