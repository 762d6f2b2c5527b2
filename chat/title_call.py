"""Ask the engine for a title: one call, in the ledger under the owner's name, at the organization's expense."""

from __future__ import annotations

import asyncio
import logging
import uuid

from chat import ledger
from chat.models import Conversation, Generation
from chat.worker.meter import Meter
from inference.engine import Deadlines
from inference.errors import EngineBusy, EngineRefused, EngineUnreachable, InferenceError
from inference.models import LedgerEntry
from inference.quotas.limits import standing_of
from inference.quotas.reservation import background_allowed
from inference.registry import endpoint_for
from inference.replica import EndpointFacts, corrected, discover_at
from inference.request import BACKGROUND, ChatRequest, ChatTurn
from inference.stream import Finished, Text, open_session, stream_chat

log = logging.getLogger(__name__)

# From the first question to the last token. Threads cannot be ended from outside, so the job ends by itself.
PATIENCE_SECONDS = 30.0
ASK = "Write a title of at most six words for a chat that begins with this message. Answer with the title only.\n\n"
PROMPT_CHARACTERS = 2000
MOST_TOKENS = 24


def asked(conversation: Conversation, prompt: str) -> str:
    """Return what the engine says; nothing where it fails, or where the organization's quota is used up."""
    if not background_allowed(conversation.organization_id):
        return ""
    entry = _entry(conversation)
    meter, pieces = Meter(), list[str]()
    outcome, model = LedgerEntry.Outcome.FAILED, ""
    try:
        endpoint = endpoint_for(conversation.organization_id, entry.chat_model_id)
        entry.chat_model_id, model = endpoint.model_id, endpoint.model_name
        asyncio.run(asyncio.wait_for(_ask(endpoint, prompt, meter, pieces), PATIENCE_SECONDS))
        outcome = LedgerEntry.Outcome.DONE
    except (EngineUnreachable, EngineRefused, EngineBusy) as error:
        log.warning("No title from the engine: %r", error)
        meter.not_taken()
    except (InferenceError, TimeoutError) as error:
        log.warning("No title from the engine: %r", error)
    ledger.close_title(entry, outcome, ledger.Cost(usage=meter.usage, model=model, model_id=entry.chat_model_id))
    return "".join(pieces) if outcome == LedgerEntry.Outcome.DONE else ""


def _entry(conversation: Conversation) -> LedgerEntry:
    return LedgerEntry.objects.create(
        purpose=LedgerEntry.Purpose.TITLE,
        organization_id=conversation.organization_id,
        user_id=conversation.owner_id,
        groups=standing_of(conversation.organization_id, conversation.owner_id).groups,
        conversation_id=conversation.id,
        chat_model_id=model_of(conversation),
        reserved_tokens=len(ASK) + PROMPT_CHARACTERS + MOST_TOKENS,
    )


def model_of(conversation: Conversation) -> uuid.UUID | None:
    """Return the model that answered last; None is the default one."""
    answers = Generation.objects.filter(message__conversation_id=conversation.id).order_by("-queued_at")
    return answers.values_list("chat_model_id", flat=True).first()


async def _ask(endpoint: EndpointFacts, prompt: str, meter: Meter, pieces: list[str]) -> None:
    async with open_session() as session:
        engine = corrected(await discover_at(session, endpoint), endpoint)
        asked = ChatTurn(role="user", content=ASK + prompt[:PROMPT_CHARACTERS])
        request = ChatRequest(messages=(asked,), max_tokens=MOST_TOKENS, priority=BACKGROUND)
        meter.begin([asked.content])
        async for event in stream_chat(session, engine, request, Deadlines()):
            if isinstance(event, Finished):
                meter.end(event)
                continue
            meter.hear(event)
            if isinstance(event, Text) and event.channel == "answer":
                pieces.append(event.text)
