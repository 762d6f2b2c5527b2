"""A thousand changes by a superuser of the database: each shows, at or before the newest anchor."""

from __future__ import annotations

import copy
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import Event, Seal
from audit.sealing import head_of
from audit.verification import verify
from audit.verify_audit import Anchored
from tests.audit.chain import recorded, sealed, settle
from tests.audit.tampering import TAMPERINGS, Links, links_of, remade, write
from tests.database import committed

LENGTH, ANCHORS = 24, (5, 11, 18)
NEWEST = ANCHORS[-1]
ROUNDS = 100


@dataclass(slots=True)
class Guarded:
    """A chain whose head was anchored a few times while it grew."""

    chain: uuid.UUID
    links: Links
    anchors: list[Anchored]


@pytest.fixture(scope="module")
def chain_of() -> list[Guarded]:
    return []


@pytest.fixture
def guarded(lasting: None, chain_of: list[Guarded]) -> Iterator[Guarded]:
    """One chain for all of these tests; it is whole again after each."""
    if not chain_of:
        chain = sealed(LENGTH)
        digests = dict(Seal.objects.filter(chain=chain).values_list("number", "digest"))
        anchors = [
            Anchored(chain=str(chain), number=number, digest=bytes(digests[number]), at=f"2026-11-21T10:{number:02}Z")
            for number in ANCHORS
        ]
        chain_of.append(Guarded(chain, links_of(chain), anchors))
    yield chain_of[0]
    write(chain_of[0].chain, chain_of[0].links)


@pytest.mark.parametrize("is_remade", [False, True], ids=["digests-left", "digests-made-anew"])
@pytest.mark.parametrize("kind", TAMPERINGS)
def test_what_was_anchored_cannot_be_changed(guarded: Guarded, kind: str, is_remade: bool) -> None:
    for seed in range(ROUNDS):
        chance = random.Random(f"{kind} {is_remade} {seed}")
        links = TAMPERINGS[kind](chance, copy.deepcopy(guarded.links), chance.randrange(NEWEST))
        write(guarded.chain, remade(links) if is_remade else links)
        report = verify(guarded.chain, guarded.anchors)
        assert not report.ok, f"{kind}, seed {seed}"
        assert report.exposed_since == "2026-11-21T10:18Z"
        assert any("NOT WHOLE" in line for line in report.lines())


@pytest.mark.parametrize("kind", sorted(TAMPERINGS.keys() - {"truncation"}))
def test_after_the_newest_anchor_all_but_a_chain_made_anew_shows(guarded: Guarded, kind: str) -> None:
    for seed in range(20):
        chance = random.Random(f"{kind} {seed}")
        write(guarded.chain, TAMPERINGS[kind](chance, copy.deepcopy(guarded.links), chance.randrange(NEWEST, LENGTH)))
        assert not verify(guarded.chain, guarded.anchors).ok, f"{kind}, seed {seed}"


def test_the_window_in_which_a_chain_made_anew_does_not_show_is_said(guarded: Guarded) -> None:
    links = copy.deepcopy(guarded.links)
    write(guarded.chain, remade(TAMPERINGS["edit"](random.Random(1), links, NEWEST)))
    report = verify(guarded.chain, guarded.anchors)
    assert report.ok
    assert report.exposed == LENGTH - NEWEST
    assert "Exposed: 6 events since the newest anchor, number 18 of 2026-11-21T10:18Z" in "\n".join(report.lines())


def test_without_an_anchor_everything_is_exposed(guarded: Guarded) -> None:
    report = verify(guarded.chain, [])
    assert report.ok
    assert "Exposed: everything." in "\n".join(report.lines())


def test_an_empty_chain_that_was_anchored_is_missed(guarded: Guarded) -> None:
    write(guarded.chain, [])
    assert verify(guarded.chain, guarded.anchors).problems == (
        "the chain ends at 0, but 18 was anchored at 2026-11-21T10:18Z",
    )


def test_what_nobody_changed_is_whole(guarded: Guarded) -> None:
    report = verify(guarded.chain, guarded.anchors)
    assert report.problems == ()
    assert report.checked == LENGTH


def test_an_event_that_is_written_later_than_it_says_is_noted(lasting: None) -> None:
    chain = sealed(3)
    head = Anchored(chain=str(chain), number=3, digest=head_of(chain).digest, at=timezone.now().isoformat())
    recorded(chain, 2)
    with committed():
        Event.objects.create(
            at=timezone.now() - timedelta(hours=2), action="tests.chain.forged", organization_id=chain
        )
    settle(chain)
    report = verify(chain, [head])
    assert report.ok
    assert report.late == 1
    assert "note: 1 events are over an hour older than an anchor before them" in "\n".join(report.lines())
