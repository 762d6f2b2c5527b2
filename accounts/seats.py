"""Who sits behind an open socket: session, membership and rules of sign-in, looked at for many sockets together."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.entry import refusals
from accounts.errors import NoAccess, SignedOut
from accounts.models import Membership
from accounts.queries import active_memberships
from accounts.sign_in_rules import sign_in_of

Found = Membership | NoAccess | SignedOut
Memberships = dict[tuple[uuid.UUID, str], Membership]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Where a socket was opened: by whom, in which session, into which organization."""

    user_id: uuid.UUID | None
    session_key: str | None
    slug: str


def look(seats: Collection[Seat]) -> dict[Seat, Found]:
    """Return for each seat the membership that still opens its organization, or why there is none.

    SignedOut: the session has ended, expired, was made before the password changed, or is not what the
    organization asks for. NoAccess: the membership does not open this organization any more.
    """
    sessions, memberships = _sessions(seats), _memberships(seats)
    return _admitted({seat: _found(seat, sessions, memberships) for seat in seats}, sessions)


def look_at_one(seat: Seat) -> Membership:
    """Return the membership behind a seat; raises SignedOut or NoAccess."""
    found = look([seat])[seat]
    if isinstance(found, Membership):
        return found
    raise found


def _admitted(found: dict[Seat, Found], sessions: dict[str, str]) -> dict[Seat, Found]:
    """Return what was found, less those whose organization asks more of their sign-in."""
    entries = [(seat, one) for seat, one in found.items() if isinstance(one, Membership)]
    sign_ins = [sign_in_of(_decoded(sessions[seat.session_key or ""])) for seat, _ in entries]
    why = refusals([(one, sign_in) for (_, one), sign_in in zip(entries, sign_ins, strict=True)])
    return {**found, **{seat: no for (seat, _), no in zip(entries, why, strict=True) if no is not None}}


def _found(seat: Seat, sessions: dict[str, str], memberships: Memberships) -> Found:
    data = sessions.get(seat.session_key or "")
    held = _decoded(data) if data else {}
    if seat.user_id is None or held.get(SESSION_KEY) != str(seat.user_id):
        return SignedOut()
    membership = memberships.get((seat.user_id, seat.slug))
    if membership is None:
        return NoAccess()
    if not constant_time_compare(held.get(HASH_SESSION_KEY, ""), membership.user.get_session_auth_hash()):
        return SignedOut()
    return membership


def _sessions(seats: Collection[Seat]) -> dict[str, str]:
    keys = {seat.session_key for seat in seats if seat.session_key}
    living = SessionStore.get_model_class().objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return dict(living.values_list("session_key", "session_data"))


def _memberships(seats: Collection[Seat]) -> Memberships:
    people = {seat.user_id for seat in seats if seat.user_id is not None}
    slugs = {seat.slug for seat in seats}
    rows = active_memberships().filter(user_id__in=people, organization__slug__in=slugs)
    return {(row.user_id, row.organization.slug): row for row in rows.select_related("organization", "user")}


@lru_cache(maxsize=2048)
def _decoded(data: str) -> dict[str, Any]:
    # A session is looked at every few seconds for as long as a page is open, and seldom changes.
    held: dict[str, Any] = SessionStore().decode(data)
    return held
