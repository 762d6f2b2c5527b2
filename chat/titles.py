"""Name conversations: ask the engine, and fall back to the first words when it has nothing usable to say."""

from __future__ import annotations

import asyncio
import logging
import re
import uuid
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from chat import hints
from chat.models import Conversation, Generation, Message
from chat.prompts import spoken
from chat.states import State
from chat.title_policy import first_passing, mandate_for
from inference.engine import Deadlines
from inference.errors import InferenceError
from inference.models import LedgerEntry
from inference.registry import endpoint_for
from inference.replica import EndpointFacts, corrected, discover_at
from inference.request import ChatRequest, ChatTurn
from inference.stream import Finished, Text, open_session, stream_chat
from inference.usage import Usage
from moderation.models import HitRecord

log = logging.getLogger(__name__)

WORDS_MOST = 8
CHARACTERS_MOST = 60
# From the first question to the last token. Threads cannot be ended from outside, so the job ends by itself.
PATIENCE_SECONDS = 30.0
NAMELESS = "New chat"
ASK = "Write a title of at most six words for a chat that begins with this message. Answer with the title only.\n\n"


def untitled(limit: int = 20) -> Sequence[uuid.UUID]:
    """Return conversations that were answered a while ago and still have no title."""
    answered = Generation.objects.filter(
        state=State.DONE, ended_at__lt=timezone.now() - timedelta(seconds=30)
    ).values("message__conversation_id")
    found = Conversation.objects.filter(title="", deleted_at=None, id__in=answered)
    return list(found.order_by("-updated_at").values_list("id", flat=True)[:limit])


def give_title(conversation_id: uuid.UUID) -> None:
    """Give a conversation a title unless it has one or is being given one. Doing it twice changes nothing."""
    conversation = Conversation.objects.filter(id=conversation_id, title="", titled_by_owner=False).first()
    first = _first_prompt(conversation_id)
    if conversation is None or first is None or not _is_first(conversation_id):
        return
    asked = usable(_asked(conversation, first))
    titles = [one for one in (asked, first_words(first)) if one]
    passed = asyncio.run(first_passing(mandate_for(conversation), titles))
    # The sweep is not to ask again and again for what may not be shown.
    title = passed.title or NAMELESS
    with transaction.atomic():
        HitRecord.objects.bulk_create(passed.records)
        named = Conversation.objects.filter(id=conversation_id, title="", titled_by_owner=False).update(title=title)
        if named:
            transaction.on_commit(
                partial(hints.title_changed, conversation.organization_id, conversation.owner_id, conversation_id)
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


def _asked(conversation: Conversation, prompt: str) -> str:
    entry = LedgerEntry.objects.create(
        purpose=LedgerEntry.Purpose.TITLE,
        organization_id=conversation.organization_id,
        conversation_id=conversation.id,
        reserved_tokens=1024,
    )
    try:
        endpoint = endpoint_for(conversation.organization_id, _model_of(conversation))
        text, usage, model = asyncio.run(asyncio.wait_for(_ask(endpoint, prompt), PATIENCE_SECONDS))
    except (InferenceError, TimeoutError) as error:
        log.warning("No title from the engine: %r", error)
        LedgerEntry.objects.filter(id=entry.id).update(
            outcome=LedgerEntry.Outcome.FAILED, settled_at=timezone.now(), estimated=True
        )
        return ""
    LedgerEntry.objects.filter(id=entry.id).update(
        outcome=LedgerEntry.Outcome.DONE,
        model=model,
        prompt_tokens=usage.prompt,
        cached_tokens=usage.cached,
        answer_tokens=usage.answer,
        reasoning_tokens=usage.reasoning,
        estimated=usage.estimated,
        settled_at=timezone.now(),
    )
    return text


def _model_of(conversation: Conversation) -> uuid.UUID | None:
    """Return the model that answered last; None is the default one."""
    answers = Generation.objects.filter(message__conversation_id=conversation.id).order_by("-queued_at")
    return answers.values_list("chat_model_id", flat=True).first()


async def _ask(endpoint: EndpointFacts, prompt: str) -> tuple[str, Usage, str]:
    pieces: list[str] = []
    usage = Usage(estimated=True)
    async with open_session() as session:
        engine = corrected(await discover_at(session, endpoint), endpoint)
        request = ChatRequest(messages=(ChatTurn(role="user", content=ASK + prompt[:2000]),), max_tokens=24)
        async for event in stream_chat(session, engine, request, Deadlines()):
            if isinstance(event, Text) and event.channel == "answer":
                pieces.append(event.text)
            elif isinstance(event, Finished):
                usage = event.usage
    return "".join(pieces), usage, endpoint.model_name
