"""Addresses of servers, as people write them and as the libraries read them."""

from __future__ import annotations

import pytest

from hermes_web.addresses import celery_broker, database, redis_address
from hermes_web.environment import ConfigurationError


def test_it_reads_every_part_of_a_database_address() -> None:
    read = database("X", "postgresql://ann:p%40ss%2F@db.example.com:5433/chat?sslmode=require", role="hermes_app")
    assert (read["USER"], read["PASSWORD"], read["HOST"], read["PORT"]) == ("ann", "p@ss/", "db.example.com", "5433")
    assert read["NAME"] == "chat"
    assert read["OPTIONS"] == {"connect_timeout": 5, "sslmode": "require", "options": "-c role=hermes_app"}


def test_a_socket_folder_is_a_host() -> None:
    read = database("X", "postgresql://ann@/chat?host=/run/postgresql")
    assert (read["HOST"], read["PORT"], read["NAME"]) == ("/run/postgresql", "", "chat")
    assert "options" not in read["OPTIONS"]


@pytest.mark.parametrize("address", ["mysql://host/chat", "host/chat", "sqlite:///chat.db"])
def test_it_rejects_other_databases(address: str) -> None:
    with pytest.raises(ConfigurationError, match="^X must begin with postgresql://"):
        database("X", address)


@pytest.mark.parametrize("address", ["postgresql://ann:top/secret@host/chat", "postgresql://ann@[::1/chat"])
def test_it_rejects_a_malformed_address_without_repeating_its_password(address: str) -> None:
    with pytest.raises(ConfigurationError, match="^X is not a well-formed address") as refused:
        database("X", address)
    assert "secret" not in str(refused.value)
    assert "top" not in str(refused.value)


@pytest.mark.parametrize(
    "address", ["redis://cache:6379/0", "rediss://:word@cache/1", "unix:///run/valkey.sock", "redis://127.0.0.1"]
)
def test_it_takes_a_redis_address(address: str) -> None:
    assert redis_address(address) == address


@pytest.mark.parametrize("address", ["cache:6379", "http://cache", "redis://", "redis://cache:many"])
def test_it_rejects_what_is_no_redis_address(address: str) -> None:
    with pytest.raises(ConfigurationError, match="REDIS_URL"):
        redis_address(address)


def test_celery_has_its_own_name_for_a_socket() -> None:
    assert celery_broker("unix:///run/valkey.sock") == "redis+socket:///run/valkey.sock"
    assert celery_broker("redis://cache:6379/0") == "redis://cache:6379/0"
