from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, LiteralString

import pytest

from hermes_web.stack.layout import Layout
from tests.database import connect
from tests.environment import free_port
from tests.site import Site

LOGIN: Final = "chat_login"
STRANGER: Final = "chat_stranger"
DATABASE: Final = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Servers that somebody else runs, as the environment names them."""

    folder: Path
    servers: dict[str, str]

    def owner(self, email: str, password: str, organization: str) -> dict[str, str]:
        """Return the variables that name the first owner."""
        file = self.folder / "password"
        file.write_text(f"{password}\n")
        return {
            "HERMES_ADMIN_EMAIL": email,
            "HERMES_ADMIN_PASSWORD_FILE": str(file),
            "HERMES_ORGANIZATION": organization,
        }

    def as_stranger(self) -> dict[str, str]:
        """Return the servers with a login that owns the database, but may not become the application's role."""
        return {**self.servers, "DATABASE_URL": self.servers["DATABASE_URL"].replace(LOGIN, STRANGER)}


@pytest.fixture
def elsewhere(servers: Site, django_db_setup: None, tmp_path: Path) -> Iterator[Elsewhere]:
    """A database with one login for everything, a Valkey, and an engine."""
    other = Site(Layout(tmp_path), 0)
    _make_database()
    try:
        other.start_valkey()
        named = {
            "DATABASE_URL": f"postgresql://{LOGIN}@/{DATABASE}?host={servers.layout.sockets}",
            "REDIS_URL": other.layout.redis_url,
            "HERMES_ENGINE_URL": f"{other.start_scripted_engine(free_port())}/v1",
        }
        yield Elsewhere(folder=tmp_path, servers=named)
    finally:
        other.stop()
        _drop_database()


def _make_database() -> None:
    _as_administrator(
        f"CREATE ROLE {STRANGER} LOGIN",
        f"CREATE ROLE {LOGIN} LOGIN",
        f"GRANT hermes_app, {STRANGER} TO {LOGIN}",
        f"CREATE DATABASE {DATABASE} OWNER {STRANGER}",
    )


def _drop_database() -> None:
    _as_administrator(f"DROP DATABASE {DATABASE} WITH (FORCE)", f"DROP ROLE {LOGIN}", f"DROP ROLE {STRANGER}")


def _as_administrator(*statements: LiteralString) -> None:
    with connect("postgres", "postgres") as connection:
        for statement in statements:
            connection.execute(statement)
