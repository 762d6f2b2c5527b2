"""The audit record cannot be changed: by the application's role, nor by the owner of the tables."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from psycopg import sql

from audit.record import record
from tests.database import committed, connect

CHANGES = [
    "UPDATE audit_event SET action = 'something else'",
    "DELETE FROM audit_event",
    "TRUNCATE audit_event",
]


@pytest.fixture
def event(lasting: None) -> str:
    with committed():
        return str(record("tests.guard.tried", actor_id=None).id)


@pytest.fixture
def application() -> Iterator[psycopg.Connection]:
    with connect(settings.DATABASES["default"]["USER"]) as connection:
        yield connection


@pytest.mark.parametrize("change", CHANGES)
def test_the_application_may_not_change_an_event(event: str, change: str, application: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(change.encode())
    assert _exists(event)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("user", ["hermes_owner", "postgres"])
def test_nobody_changes_an_event(event: str, change: str, user: str) -> None:
    with connect(user) as connection, pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        connection.execute(change.encode())
    assert _exists(event)


@pytest.mark.parametrize("table", ["audit_event", "audit_label", "accounts_user", "chat_message"])
def test_the_application_may_truncate_nothing(lasting: None, table: str, application: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.Identifier(table)))


def test_the_application_cannot_take_the_guard_away(lasting: None, application: psycopg.Connection) -> None:
    for change in (
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_event_refuses_changes ON audit_event",
        "DROP TABLE audit_event",
        "SET session_replication_role = replica",
        "SET ROLE hermes_owner",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute(change.encode())


def test_the_application_cannot_give_itself_the_right(event: str, application: psycopg.Connection) -> None:
    # PostgreSQL answers with a warning only; what counts is that nothing was granted.
    application.execute("GRANT UPDATE ON audit_event TO hermes_app")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute("UPDATE audit_event SET action = 'something else'")


def test_a_label_can_be_erased(event: str, application: psycopg.Connection) -> None:
    named = application.execute(
        "INSERT INTO audit_label (id, kind, text) VALUES (gen_random_uuid(), 'person', 'Ann') RETURNING id"
    ).fetchone()
    assert application.execute("DELETE FROM audit_label WHERE id = %s", named).rowcount == 1


def test_tables_of_later_migrations_are_granted(lasting: None, application: psycopg.Connection) -> None:
    with connect("hermes_owner") as owner:
        owner.execute("CREATE TABLE later (id bigserial PRIMARY KEY)")
        try:
            application.execute("INSERT INTO later DEFAULT VALUES")
            application.execute("DELETE FROM later")
        finally:
            owner.execute("DROP TABLE later")


def test_every_table_is_granted(lasting: None) -> None:
    with connect("hermes_owner") as owner:
        missing = owner.execute(
            """SELECT relname FROM pg_class
               WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
               AND NOT (has_table_privilege('hermes_app', oid, 'SELECT')
                        AND has_table_privilege('hermes_app', oid, 'INSERT'))"""
        ).fetchall()
    assert missing == []


def test_tests_run_as_the_application(lasting: None, application: psycopg.Connection) -> None:
    assert settings.DATABASES["default"]["USER"] == "hermes_app"


def _exists(event: str) -> bool:
    with connect("hermes_owner") as connection:
        return connection.execute("SELECT 1 FROM audit_event WHERE id = %s", [event]).fetchone() is not None
