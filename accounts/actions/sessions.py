"""Ending sessions: the row goes, and with it the right to hold a socket open."""

from __future__ import annotations

from functools import partial

from allauth.usersessions.models import UserSession
from django.db import transaction

from accounts.everywhere import record_everywhere
from accounts.models import User
from accounts.revocation import access_changed


def end_session(*, acting: User, session: UserSession) -> None:
    """End a session; its open sockets close at once."""
    with transaction.atomic():
        session.end()
        record_everywhere("accounts.session.ended", person=session.user, acting=acting)
        transaction.on_commit(partial(access_changed, session.user_id))
