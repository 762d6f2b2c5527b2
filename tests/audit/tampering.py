"""What somebody could do to a chain who may do everything in the database."""

from __future__ import annotations

import copy
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.utils import timezone
from psycopg.types.json import Jsonb

from audit.canonical import canonical
from audit.models import Event, Seal
from audit.verify_audit import genesis
from tests.database import connect

LONG_AGO = timedelta(days=2)


@dataclass(slots=True)
class Link:
    """An event and its seal; either may be gone."""

    event: Event | None
    seal: Seal | None


Links = list[Link]
Tampering = Callable[[random.Random, Links, int], Links]


def links_of(chain: uuid.UUID) -> Links:
    """Return a chain's events and seals in their order."""
    events = Event.objects.in_bulk(Seal.objects.filter(chain=chain).values_list("event", flat=True))
    return [Link(events[seal.event], seal) for seal in Seal.objects.filter(chain=chain).order_by("number")]


def write(chain: uuid.UUID, links: Links) -> None:
    """Put these in the place of all that the chain has, as a superuser, with the triggers off."""
    events = [one.event for one in links if one.event]
    seals = [one.seal for one in links if one.seal]
    with connect("postgres") as superuser, superuser.transaction(), superuser.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM audit_event WHERE organization_id = %s", [chain])
        cursor.execute("DELETE FROM audit_event WHERE id = ANY(%s)", [[one.id for one in events]])
        cursor.execute("DELETE FROM audit_seal WHERE chain = %s", [chain])
        cursor.executemany(f"INSERT INTO audit_event VALUES ({', '.join(['%s'] * 10)})", map(_event_row, events))
        cursor.executemany("INSERT INTO audit_seal VALUES (%s, %s, %s, %s, %s)", map(_seal_row, seals))


def _event_row(event: Event) -> list[object]:
    values = [getattr(event, field.attname) for field in Event._meta.concrete_fields]
    return [Jsonb(value) if isinstance(value, dict) else value for value in values]


def _seal_row(seal: Seal) -> list[object]:
    return [seal.event, seal.chain, seal.number, bytes(seal.digest), seal.at]


def edited(chance: random.Random, links: Links, at: int) -> Links:
    """Change one thing of one event."""
    event = links[at].event
    assert event is not None
    changes: dict[str, object] = {
        "action": "tests.chain.shrank",
        "at": event.at + timedelta(microseconds=1),
        "actor_id": uuid.uuid4(),
        "target_type": "thing",
        "target_id": "other",
        "address_id": uuid.uuid4(),
        "request_id": "other",
        "facts": {"at": -1},
        "id": uuid.uuid4(),
    }
    name = chance.choice(list(changes))
    setattr(event, name, changes[name])
    return links


def deleted(chance: random.Random, links: Links, at: int) -> Links:
    """Take away an event, with or without its seal, and close the gap in the numbers or leave it."""
    if chance.random() < 0.3:
        links[at].event = None
        return links
    del links[at]
    return renumbered(links) if chance.random() < 0.5 else links


def inserted(chance: random.Random, links: Links, at: int) -> Links:
    """Add an event of two days ago, with or without a seal."""
    first = links[at].event
    assert first is not None
    event = copy.copy(first)
    event.id, event.at, event.action = uuid.uuid4(), timezone.now() - LONG_AGO, "tests.chain.forged"
    if chance.random() < 0.3:
        return [*links, Link(event, None)]
    assert event.organization_id is not None
    seal = Seal(
        event=event.id, chain=event.organization_id, number=at + 1, digest=chance.randbytes(32), at=timezone.now()
    )
    return renumbered([*links[:at], Link(event, seal), *links[at:]])


def reordered(chance: random.Random, links: Links, at: int) -> Links:
    """Have two events change places, with their digests or without."""
    other = chance.choice([one for one in range(len(links)) if one != at])
    if chance.random() < 0.5:
        links[at], links[other] = links[other], links[at]
        return renumbered(links)
    for link, event in ((links[at], links[other].event), (links[other], links[at].event)):
        assert link.seal is not None and event is not None
        link.event, link.seal.event = event, event.id
    return links


def truncated(chance: random.Random, links: Links, at: int) -> Links:
    """Cut off the end, from one event on."""
    return links[:at]


def renumbered(links: Links) -> Links:
    """Number the seals anew, so that no gap shows."""
    for number, one in enumerate(links, 1):
        if one.seal:
            one.seal.number = number
    return links


def remade(links: Links) -> Links:
    """Make all digests anew, so that the chain fits in itself. What has no seal keeps none."""
    whole = renumbered([one for one in links if one.event and one.seal])
    digest = genesis(str(whole[0].seal.chain)) if whole and whole[0].seal else b""
    for one in whole:
        assert one.event is not None and one.seal is not None
        one.seal.event = one.event.id
        digest = one.seal.digest = sha256(digest + canonical(one.event).encode()).digest()
    return [*whole, *(one for one in links if one.event and not one.seal)]


TAMPERINGS: dict[str, Tampering] = {
    "edit": edited,
    "deletion": deleted,
    "insertion": inserted,
    "re-ordering": reordered,
    "truncation": truncated,
}
