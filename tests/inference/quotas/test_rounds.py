"""A thousand rounds of fifty people at once before one limit: nobody is over by more than one reservation."""

from __future__ import annotations

import asyncio
import random
import uuid
from datetime import datetime
from functools import partial

import psycopg
from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from hermes_web.stack.layout import Layout
from inference.errors import OverQuota
from inference.models import LedgerEntry, UsageWindow
from inference.quotas.amount import Amounts
from inference.quotas.limit import Limit
from inference.quotas.reservation import TAKE, reconcile, reserve, settle_windows
from inference.quotas.windows import windows_of
from inference.usage import Usage
from tests.cast import Cast
from tests.database import race

ROUNDS = 1000
AT_ONCE = 50
AMOUNTS = Amounts(prompt=60, answer=40)
MOST = 250
# Admitted while anything is left: at 0, 100 and 200 of 250.
ADMITTED = 3


def limit_of(person: uuid.UUID) -> Limit:
    return Limit(
        id=uuid.uuid4(),
        subject="person",
        label="Set for one person",
        measure="tokens",
        period="month",
        soft=None,
        hard=MOST,
        source="organization",
        owner="person",
        owner_id=str(person),
    )


def entry_of(place: uuid.UUID, limit: Limit) -> LedgerEntry:
    return LedgerEntry(purpose="answer", organization_id=place, user_id=uuid.UUID(limit.owner_id))


def settle(entry: LedgerEntry) -> None:
    usage = Usage(prompt=random.randint(1, 60), answer=random.randint(0, 30), reasoning=random.randint(0, 10))
    LedgerEntry.objects.filter(id=entry.id, outcome="reserved").update(
        outcome="done",
        prompt_tokens=usage.prompt,
        answer_tokens=usage.answer,
        reasoning_tokens=usage.reasoning,
    )
    settle_windows(entry, usage)


def check_sums(place: uuid.UUID) -> None:
    """All that was reserved was given back, and the windows hold what the ledger says."""
    windows, ledger = UsageWindow.objects.filter(organization_id=place), LedgerEntry.objects
    assert not windows.exclude(reserved=0).exists()
    told = ledger.filter(organization_id=place).aggregate(
        all=Sum("prompt_tokens") + Sum("answer_tokens") + Sum("reasoning_tokens")
    )
    assert windows.aggregate(all=Sum("used")) == told
    assert reconcile(place) == []


async def ask_at_once(windows: list[int]) -> list[int]:
    """Let fifty connections ask for each window at the same time; return the windows of those who were admitted."""
    sockets, role = str(Layout(settings.DATA_DIR).sockets), settings.DATABASES["default"]["USER"]
    connect = partial(psycopg.AsyncConnection.connect, host=sockets, user=role, dbname="hermes", autocommit=True)
    connections = [await connect() for _ in range(AT_ONCE)]
    gate = asyncio.Barrier(AT_ONCE)
    admitted = []

    async def ask(connection: psycopg.AsyncConnection[tuple[int, int, int, bool]]) -> None:
        for number in windows:
            await gate.wait()
            answer = await connection.execute(TAKE, [[number], [AMOUNTS.total], [MOST]])
            if all(is_taken for *_, is_taken in await answer.fetchall()):
                admitted.append(number)

    try:
        await asyncio.gather(*(ask(one) for one in connections))
    finally:
        for one in connections:
            await one.close()
    return admitted


def test_a_thousand_rounds_of_fifty_at_the_limit(cast: Cast) -> None:
    place, now = cast.organization.id, timezone.now()
    limits = [limit_of(uuid.uuid4()) for _ in range(ROUNDS)]
    with transaction.atomic():
        by_window = {window.id: window.limit for window in windows_of(place, limits, now)}
    admitted = asyncio.run(ask_at_once(list(by_window)))
    windows = UsageWindow.objects.filter(organization_id=place)
    assert set(windows.values_list("used", "reserved")) == {(0, ADMITTED * AMOUNTS.total)}
    assert {number: admitted.count(number) for number in by_window} == dict.fromkeys(by_window, ADMITTED)
    with transaction.atomic():
        entries = [reserved(place, by_window[number], number, now) for number in admitted]
        LedgerEntry.objects.bulk_create(entries)
        for entry in entries:
            settle(entry)
    check_sums(place)


def reserved(place: uuid.UUID, limit: Limit, window: int, now: datetime) -> LedgerEntry:
    entry = entry_of(place, limit)
    entry.created_at, entry.reservation = now, [[window, AMOUNTS.total]]
    return entry


def test_those_who_come_first_make_the_window_together(cast: Cast) -> None:
    place, now = cast.organization.id, timezone.now()

    def ask(limit: Limit) -> LedgerEntry | None:
        entry = entry_of(place, limit)
        try:
            with transaction.atomic():
                reserve(entry, [limit], AMOUNTS, now)
        except OverQuota:
            return None
        return entry

    for _ in range(10):
        limit = limit_of(uuid.uuid4())
        entries = [one for one in race([partial(ask, limit)] * 8) if one is not None]
        assert len(entries) == ADMITTED
        for entry in entries:
            assert isinstance(entry, LedgerEntry)
            with transaction.atomic():
                settle(entry)
    check_sums(place)
