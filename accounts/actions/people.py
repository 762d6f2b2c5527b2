"""A person's own account, and an operator's hold on it."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from accounts.models import User
from accounts.revocation import access_changed
from audit.record import record


def rename_person(*, acting: User, name: str) -> None:
    """Change one's own name."""
    with transaction.atomic():
        User.objects.filter(id=acting.id).update(name=name)
        record("accounts.person.renamed", actor_id=acting.id, target=("user", acting.id))


def deactivate_person(*, acting: User, person: User) -> None:
    """Shut a person out of every organization; open sockets close."""
    with transaction.atomic():
        User.objects.filter(id=person.id).update(is_active=False)
        record(
            "accounts.person.deactivated",
            actor_id=acting.id,
            target=("user", person.id),
            labels={acting.id: acting.email, person.id: person.email},
        )
        transaction.on_commit(partial(access_changed, person.id))
