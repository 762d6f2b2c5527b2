"""Which database is used as whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from hermes_web.databases import read_databases
from hermes_web.environment import ConfigurationError
from hermes_web.stack.layout import Layout

APPLICATION, OWNER = "postgresql://hermes_app@db.example.com/hermes", "postgresql://ann@db.example.com/hermes"
EMBEDDED = Layout(Path("/data"))


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "HERMES_SECRETS_DIR"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def users() -> list[tuple[str, str, str]]:
    read = read_databases(EMBEDDED)
    roles = [(read[name]["USER"], read[name]["HOST"], read[name]["OPTIONS"].get("options", "")) for name in read]
    assert list(read) == ["default", "owner"]
    return roles


def test_the_embedded_server_has_both_roles(given: pytest.MonkeyPatch) -> None:
    assert users() == [("hermes_app", "/data/run", ""), ("hermes_owner", "/data/run", "")]


def test_one_login_becomes_the_application(given: pytest.MonkeyPatch) -> None:
    given.setenv("DATABASE_URL", OWNER)
    assert users() == [("ann", "db.example.com", "-c role=hermes_app"), ("ann", "db.example.com", "")]


def test_two_logins_are_used_as_they_are(given: pytest.MonkeyPatch) -> None:
    given.setenv("DATABASE_URL", APPLICATION)
    given.setenv("DATABASE_OWNER_URL", OWNER)
    assert users() == [("hermes_app", "db.example.com", ""), ("ann", "db.example.com", "")]


def test_an_owner_without_the_application_is_refused(given: pytest.MonkeyPatch) -> None:
    given.setenv("DATABASE_OWNER_URL", OWNER)
    with pytest.raises(ConfigurationError, match="DATABASE_OWNER_URL is set without DATABASE_URL"):
        read_databases(EMBEDDED)
