"""Ending sessions: the row goes, and with it the right to hold a socket open."""

from __future__ import annotations

from functools import partial

from allauth.usersessions.models import UserSession
from django.db import transaction

from accounts.models import User
from accounts.revocation import access_changed
from audit.record import record


def end_session(*, acting: User, session: UserSession) -> None:
    """End a session; its open sockets close at once."""
    with transaction.atomic():
        session.end()
        record(
            "accounts.session.ended",
            actor_id=acting.id,
            target=("user", session.user_id),
            labels={acting.id: acting.email},
        )
        transaction.on_commit(partial(access_changed, session.user_id))
