"""Where an event could be hidden from who verifies, by somebody who may do everything in the database."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from audit import export, verification
from audit.anchoring import LOCK, anchor
from audit.chain_state import chain_state
from audit.models import Anchor, Event, Unsealed
from audit.sealing import head_of, seal_chain
from audit.verification import verify
from tests.audit.chain import recorded, sealed

LOWEST = -(2**63)
LENGTH = 6


@pytest.fixture
def chain(lasting: None) -> Iterator[uuid.UUID]:
    """A chain whose seals lie in a table that refuses nothing, as its owner could make it. Nothing of it stays."""
    found = sealed(LENGTH)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE audit_seal ON COMMIT DROP AS SELECT * FROM public.audit_seal WHERE chain = %s", [found]
        )
        yield found
        transaction.set_rollback(True)


def forged(chain: uuid.UUID, at: datetime) -> Event:
    """Add an event around the queue."""
    event = Event.objects.create(at=at, action="tests.chain.forged", organization_id=chain)
    Unsealed.objects.filter(event=event.id).delete()
    return event


def give_seal(event: Event, chain: uuid.UUID, number: int | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_seal (event, chain, number, digest, at) VALUES (%s, %s, %s, %s, now())",
            [event.id, chain, number, b"x" * 32],
        )


def in_another_chain(event: Event, chain: uuid.UUID) -> None:
    give_seal(event, uuid.uuid4(), 1)


def before_all_numbers(event: Event, chain: uuid.UUID) -> None:
    give_seal(event, chain, LOWEST)


def without_a_number(event: Event, chain: uuid.UUID) -> None:
    give_seal(event, chain, None)


def behind_each_number(event: Event, chain: uuid.UUID) -> None:
    for number in range(1, LENGTH + 1):
        give_seal(event, chain, number)


@pytest.mark.parametrize(
    "hide", [in_another_chain, before_all_numbers, without_a_number, behind_each_number], ids=lambda one: one.__name__
)
def test_a_seal_hides_no_event(
    chain: uuid.UUID, hide: Callable[[Event, uuid.UUID], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Pieces that end in the middle of the chain.
    monkeypatch.setattr(verification, "BATCH", 2)
    assert verify(chain, []).ok
    hide(forged(chain, timezone.now() - timedelta(days=2)), chain)
    assert not verify(chain, []).ok


def test_each_seal_with_a_number_is_followed(chain: uuid.UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "BATCH", 2)
    monkeypatch.setattr(export, "BATCH", 2)
    behind_each_number(forged(chain, timezone.now()), chain)
    assert verify(chain, []).checked == 2 * LENGTH
    lines = b"".join(export.export_chain(chain)).splitlines()
    assert len(lines[1:-1]) == 2 * LENGTH


@pytest.mark.parametrize("ahead", [timedelta(minutes=5), timedelta(days=365)], ids=["soon", "in-a-year"])
def test_an_event_of_the_future_is_missed_too(chain: uuid.UUID, ahead: timedelta) -> None:
    forged(chain, timezone.now() + ahead)
    assert verify(chain, []).problems == ("1 events have no seal in this chain, and are not of this minute",)


def test_an_anchor_that_is_made_up_keeps_no_head_from_its_place(
    lasting: None, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "audit.jsonl"
    settings.AUDIT_ANCHOR_FILE, settings.AUDIT_ANCHOR_SYSLOG, settings.AUDIT_ANCHOR_WEBHOOK = str(file), "", ""
    chain = uuid.uuid4()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [LOCK])
        for number in (2, 1_000):
            Anchor.objects.create(chain=chain, number=number, digest=b"x" * 32, at=timezone.now(), places="file")
        recorded(chain, 2)
        seal_chain(chain)
        assert chain_state(chain).exposed == 2
        anchor()
        assert head_of(chain).digest.hex() in file.read_text()
        assert chain_state(chain).exposed == 0
        transaction.set_rollback(True)
