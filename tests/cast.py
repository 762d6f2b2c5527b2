"""People for tests, each time new: Alice owns, Bob is a member, Charlie belongs elsewhere."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore

from accounts.actions.founding import found_organization
from accounts.models import Membership, Organization, Role, User

PASSWORD = "a quiet river bends 42"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """An organization with its people, and a stranger in another one."""

    organization: Organization
    alice: Membership
    bob: Membership
    charlie: Membership


def person(name: str, **fields: bool) -> User:
    """Create a person with a unique address."""
    email = f"{name.lower()}-{secrets.token_hex(4)}@example.com"
    return User.objects.create(email=email, password=_hashed(), name=name, **fields)


@cache
def _hashed() -> str:
    # Hashing is slow on purpose; once for a run is enough.
    return make_password(PASSWORD)


def organization(name: str, owner: User) -> Organization:
    """Create an organization with a unique address."""
    return found_organization(name=f"{name} {secrets.token_hex(4)}", owner=owner)


def join(place: Organization, user: User, role: Role = Role.MEMBER) -> Membership:
    """Make a person a member."""
    return Membership.objects.create(organization=place, user=user, role=role)


def make_cast() -> Cast:
    """Create the usual people."""
    alice, charlie = person("Alice"), person("Charlie")
    place, elsewhere = organization("Acme", alice), organization("Elsewhere", charlie)
    return Cast(
        organization=place,
        alice=Membership.objects.select_related("user", "organization").get(organization=place, user=alice),
        bob=join(place, person("Bob")),
        charlie=Membership.objects.select_related("user", "organization").get(organization=elsewhere, user=charlie),
    )


def sign_in(user: User) -> str:
    """Return the key of a new session of a person."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    assert session.session_key is not None
    return session.session_key
