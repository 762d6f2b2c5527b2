"""Seals and anchors cannot be changed: by the application's role, nor by the owner of the tables."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from audit.verification import verify
from tests.audit.chain import sealed
from tests.database import connect

CHANGES = [
    change.format(table=table)
    for table in ("audit_seal", "audit_anchor")
    for change in ("UPDATE {table} SET number = 0", "DELETE FROM {table}", "TRUNCATE {table}")
]

HIDDEN = """
INSERT INTO audit_event
SELECT gen_random_uuid(), now() - interval '2 minutes', 'tests.guard.hidden', %s, null, '', '', null, '', '{}'
"""


@pytest.fixture
def application() -> Iterator[psycopg.Connection]:
    with connect("hermes_app") as connection:
        yield connection


@pytest.mark.parametrize("change", [*CHANGES, "UPDATE audit_unsealed SET chain = event", "TRUNCATE audit_unsealed"])
def test_the_application_may_not_change_a_seal(lasting: None, change: str, application: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(change.encode())


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("user", ["hermes_owner", "postgres"])
def test_nobody_changes_a_seal(lasting: None, change: str, user: str) -> None:
    chain = sealed(1)
    with connect(user) as connection:
        connection.execute(
            "INSERT INTO audit_anchor (chain, number, digest, at, places) VALUES (%s, 1, '', now(), '')", [chain]
        )
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            connection.execute(change.encode())
    assert verify(chain, []).ok


def test_a_seal_that_the_application_makes_up_shows(lasting: None, application: psycopg.Connection) -> None:
    chain = sealed(2)
    application.execute("INSERT INTO audit_seal VALUES (gen_random_uuid(), %s, 3, 'made up', now())", [chain])
    assert verify(chain, []).problems == ("the event of number 3 is gone or belongs elsewhere",)


def test_an_event_that_the_application_takes_from_the_queue_shows(
    lasting: None, application: psycopg.Connection
) -> None:
    chain = sealed(2)
    with application.transaction():
        application.execute(HIDDEN, [chain])
        application.execute("DELETE FROM audit_unsealed WHERE chain = %s", [chain])
    assert verify(chain, []).problems == ("1 events have no seal in this chain, and are not of this minute",)
