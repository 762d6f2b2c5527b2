"""The ledger's rows of one run of an answer: closed once, by who moves the first, and the quotas with them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from chat.models import Generation
from chat.states import ACTIVE
from chat.worker.meter import Call
from inference.models import LedgerEntry
from inference.quotas.reservation import settle_windows
from inference.usage import Usage, total_of

NOTHING = Usage()
LOST_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a run has cost: the engine's calls, or where nobody kept them apart, all of them as one."""

    usage: Usage
    calls: Sequence[Call] = ()
    model: str = ""
    model_id: uuid.UUID | None = None


def close_unused(generation_id: uuid.UUID, outcome: str, now: datetime) -> None:
    """Close the reservation of an answer that nobody has begun, in the caller's transaction."""
    entry = _reserved(generation_id)
    if entry is not None and _move(entry, outcome=outcome, settled_at=now):
        settle_windows(entry, NOTHING)


def close(generation: Generation, outcome: str, cost: Cost, now: datetime) -> None:
    """Settle what an answer has cost, one row for each call, in the caller's transaction."""
    entry = _reserved(generation.id)
    if entry is None:
        return
    usages = [one.usage for one in cost.calls] or [cost.usage]
    ended = cost.calls[0].ended_at if len(cost.calls) > 1 else now
    common = {"outcome": outcome, "model": cost.model, "settled_at": now}
    common["chat_model_id"] = cost.model_id or entry.chat_model_id
    times = {
        "queue_ms": milliseconds(generation.queued_at, generation.claimed_at),
        "first_token_ms": milliseconds(generation.claimed_at, generation.first_token_at),
        "total_ms": milliseconds(generation.queued_at, ended),
    }
    if not _move(entry, **common, **columns(usages[0]), **times):
        return
    more = [_row(entry, number, one, common) for number, one in enumerate(cost.calls[1:], start=2)]
    LedgerEntry.objects.bulk_create(more)
    settle_windows(entry, total_of(usages))


def close_title(entry: LedgerEntry, outcome: str, cost: Cost) -> None:
    """Settle what a title has cost."""
    with transaction.atomic():
        values = {"outcome": outcome, "model": cost.model, "settled_at": timezone.now()}
        if _move(entry, **values, chat_model_id=cost.model_id, **columns(cost.usage)):
            settle_windows(entry, cost.usage)


def add_background(entries: Iterable[LedgerEntry]) -> None:
    """Write down calls that are settled already, and charge them to their organizations. Twice changes nothing."""
    with transaction.atomic():
        found = list(entries)
        # They come again where the database was lost before it said that it had them.
        known = set(LedgerEntry.objects.filter(id__in=[one.id for one in found]).values_list("id", flat=True))
        written = sorted((one for one in found if one.id not in known), key=_period)
        LedgerEntry.objects.bulk_create(written)
        for _, alike in groupby(written, key=_period):
            rows = list(alike)
            settle_windows(rows[0], total_of([usage_in(row) for row in rows]))


def close_lost(now: datetime) -> int:
    """Close what nobody will settle: titles whose job died, answers whose rows are gone. Return how many."""
    being_made = Generation.objects.filter(id=OuterRef("generation_id"), state__in=ACTIVE)
    reserved = LedgerEntry.objects.filter(outcome=LedgerEntry.Outcome.RESERVED, created_at__lt=now - LOST_AFTER)
    lost = list(reserved.exclude(Exists(being_made)))
    for entry in lost:
        with transaction.atomic():
            if _move(entry, outcome=LedgerEntry.Outcome.FAILED, estimated=True, settled_at=now):
                settle_windows(entry, NOTHING)
    return len(lost)


def usage_in(entry: LedgerEntry) -> Usage:
    """Return what a row says was used."""
    return Usage(
        prompt=entry.prompt_tokens,
        cached=entry.cached_tokens,
        answer=entry.answer_tokens,
        reasoning=entry.reasoning_tokens,
        estimated=entry.estimated,
    )


def _period(entry: LedgerEntry) -> tuple[str, datetime]:
    """Return what rows of the same windows have in common."""
    return str(entry.organization_id), entry.created_at.replace(second=0, microsecond=0)


def columns(usage: Usage) -> dict[str, Any]:
    """Return what a call has used, as the ledger's columns."""
    return {
        "prompt_tokens": usage.prompt,
        "cached_tokens": usage.cached,
        "answer_tokens": usage.answer,
        "reasoning_tokens": usage.reasoning,
        "estimated": usage.estimated,
    }


def milliseconds(start: datetime | None, end: datetime | None) -> int | None:
    """Return the time between two moments, None where one of them never came."""
    return max(0, round((end - start).total_seconds() * 1000)) if start and end else None


def _reserved(generation_id: uuid.UUID) -> LedgerEntry | None:
    rows = LedgerEntry.objects.filter(generation_id=generation_id, outcome=LedgerEntry.Outcome.RESERVED)
    return rows.first()


def _move(entry: LedgerEntry, **values: Any) -> bool:
    """Move the row; return False when somebody else did: then what it reserved was given back, too."""
    rows = LedgerEntry.objects.filter(id=entry.id, outcome=LedgerEntry.Outcome.RESERVED)
    return bool(rows.update(**values))


def _row(entry: LedgerEntry, number: int, call: Call, common: dict[str, Any]) -> LedgerEntry:
    """Return the row of a further call. It belongs to the moment of the first: to the same windows."""
    return LedgerEntry(
        purpose=entry.purpose,
        organization_id=entry.organization_id,
        user_id=entry.user_id,
        conversation_id=entry.conversation_id,
        generation_id=entry.generation_id,
        epoch=entry.epoch,
        call=number,
        groups=entry.groups,
        created_at=entry.created_at,
        first_token_ms=milliseconds(call.begun_at, call.first_at),
        total_ms=milliseconds(call.begun_at, call.ended_at),
        **common,
        **columns(call.usage),
    )
