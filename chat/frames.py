"""The socket's wire format (docs/protocol.md): messages and frames as the browser reads them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import orjson
from django.utils import timezone

from chat.actions.queueing import Accepted
from chat.errors import ChatError, OverQuota
from chat.foresight import Place
from chat.models import Conversation, Generation, Message
from chat.states import State
from chat.token_log import Entry
from chat.transcript import Part
from chat.visibility import Sight

MARK = {"a": " ", "r": "~", "j": "#"}
STEPS = (*MARK, "x")
"""The kinds of log entries that travel as they are."""


def encode(facts: dict[str, Any]) -> str:
    """Return a frame."""
    return orjson.dumps(facts).decode()


def frame(kind: str, **facts: object) -> str:
    """Return a control frame."""
    return encode({"type": kind, **facts})


def delta(number: int, sequence: int, channel: str, text: str) -> str:
    """Return a delta frame."""
    return f"{number}{MARK[channel]}{sequence} {text}"


def steps(number: int, entries: Sequence[Entry], sight: Sight) -> Iterable[str]:
    """Return text entries as delta frames, neighbours of one channel joined, and retractions between them.

    Text that is not to be seen becomes a delta without any: the page goes on counting.
    """
    for kind, alike in groupby(entries, key=lambda entry: entry.kind):
        run = list(alike)
        if kind in MARK:
            text = sight.text(kind, "".join(entry.value for entry in run))
            yield delta(number, run[-1].sequence, kind, text)
            continue
        for entry in run:
            yield frame("retract", n=number, sequence=entry.sequence, **entry.facts())


def conversation(found: Conversation) -> dict[str, Any]:
    """Return a conversation as the browser reads it."""
    told = {"temporary": found.created_at.isoformat()} if found.is_temporary else {}
    return {"id": str(found.id), "title": found.title, "options": found.options, **told}


def messages(
    branch: Sequence[Message], siblings: Mapping[uuid.UUID | None, Sequence[uuid.UUID]], sight: Sight
) -> list[dict[str, Any]]:
    """Return messages as the browser of somebody who sees so much reads them."""
    return [
        message(one, siblings.get(one.parent_id, [one.id]), getattr(one, "generation", None), sight) for one in branch
    ]


def message(one: Message, siblings: Sequence[uuid.UUID], made: Generation | None, sight: Sight) -> dict[str, Any]:
    """Return one message as the browser reads it."""
    return {
        "id": str(one.id),
        "parent": _text(one.parent_id),
        "role": one.role,
        "created": one.created_at.isoformat(),
        "parts": _timed(sight.parts(one.parts), made),
        "siblings": [str(sibling) for sibling in siblings],
        "effort": getattr(one, "effort", None) or "",
        **_generation(made),
    }


def accepted(ref: object, result: Accepted) -> dict[str, Any]:
    """Return the answer to a send."""
    return {
        "type": "accepted",
        "ref": ref,
        "conversation": str(result.conversation_id),
        "message": str(result.message_id),
        "answer": str(result.answer_id),
        "generation": str(result.generation_id),
        "repeated": result.repeated,
        "warnings": [{"text": one.words, "resets_at": _time(one.resets_at)} for one in result.warnings],
    }


def place(found: Place | None) -> dict[str, Any]:
    """Return a place in line; one that is none is place 0."""
    if found is None:
        return {"place": 0, "of": 0, "seconds": None, "words": ""}
    seconds = None if found.seconds is None else round(found.seconds)
    return {"place": found.place, "of": found.of, "seconds": seconds, "words": found.words}


def refused(ref: object, error: ChatError) -> dict[str, Any]:
    """Return the answer to something that cannot be done."""
    facts = {"type": "refused", "ref": ref, "code": error.code, "text": error.words}
    if isinstance(error, OverQuota):
        facts["resets_at"] = _time(error.resets_at)
    return facts


def _timed(parts: list[Part], made: Generation | None) -> list[Part]:
    """Return parts, a thought that goes on with how long it lasts already. Nobody's clock is compared with ours."""
    if not parts or parts[-1]["type"] != "reasoning" or made is None or made.state != State.RUNNING:
        return parts
    # An answer that goes on has its first run's until its own has been saved.
    if made.first_token_at is None or made.claimed_at is None or made.first_token_at < made.claimed_at:
        return parts
    seconds = parts[-1].get("seconds", 0) + (timezone.now() - made.first_token_at).total_seconds()
    return [*parts[:-1], {**parts[-1], "elapsed": round(seconds, 1)}]


def _generation(made: Generation | None) -> dict[str, Any]:
    if made is None:
        return {"generation": None, "state": "done", "sequence": 0, "words": "", "model": "", "usage": None}
    return {
        "generation": str(made.id),
        "state": made.state,
        "sequence": made.sequence,
        "words": made.words,
        "model": made.model,
        "usage": made.usage or None,
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _text(value: uuid.UUID | None) -> str | None:
    return str(value) if value else None
