"""A chain of one new organization, and changes to it that only a superuser of the database can make."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from audit.models import Unsealed
from audit.record import Fact, record
from audit.sealing import seal_chain
from tests.database import committed


def recorded(
    chain: uuid.UUID, count: int = 1, facts: Callable[[int], dict[str, Fact]] = lambda at: {"at": at}
) -> None:
    """Record events in one organization."""
    for at in range(count):
        with committed():
            record("tests.chain.grew", actor_id=None, organization_id=chain, facts=facts(at))


def sealed(count: int = 1) -> uuid.UUID:
    """Return the chain of a new organization with so many sealed events."""
    chain = uuid.uuid4()
    recorded(chain, count)
    settle(chain)
    return chain


def settle(chain: uuid.UUID) -> None:
    """Seal everything that waits in a chain; a worker of another test may do it too."""
    while Unsealed.objects.filter(chain=chain).exists():
        seal_chain(chain)
