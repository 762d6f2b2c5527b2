"""Whether the whole can serve: each part is named with its state, and no secret with it."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from chat.models import WorkerBeat

PARTS = ("database", "redis", "migrations", "worker", "engine")


@pytest.fixture
def alone(db: None, _static: None) -> None:
    """No worker but those of the test."""
    WorkerBeat.objects.all().delete()


def beat(*, seconds_ago: float = 0, **engine: object) -> None:
    seen = timezone.now() - timedelta(seconds=seconds_ago)
    WorkerBeat.objects.create(id=uuid.uuid4(), host="here", process=1, started_at=seen, seen_at=seen, engine=engine)


def states(status: int) -> dict[str, object]:
    answer = Client().get("/readyz")
    assert answer.status_code == status
    assert "no-store" in answer.headers["Cache-Control"]
    found = answer.json()
    assert tuple(found) == ("ready", *PARTS)
    assert found["ready"] is (status == 200)
    return dict(found)


def test_it_is_ready_when_every_part_is(alone: None) -> None:
    beat(ready=True)
    assert {states(200)[name] for name in PARTS} == {"ok"}


def test_a_silent_worker_is_named(alone: None) -> None:
    beat(seconds_ago=6, ready=True)
    found = states(503)
    assert found["worker"] == "no sign of life for 5 seconds"
    assert found["engine"] == "unknown while no worker looks at it"
    assert {found[name] for name in ("database", "redis", "migrations")} == {"ok"}


def test_an_engine_out_of_reach_is_named_in_the_workers_words(alone: None) -> None:
    beat(ready=False, words="The engine does not answer.")
    found = states(503)
    assert (found["worker"], found["engine"]) == ("ok", "The engine does not answer.")


def test_a_missing_migration_is_counted(alone: None) -> None:
    beat(ready=True)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'chat'")
    assert "not been applied" in str(states(503)["migrations"])


def test_a_redis_out_of_reach_is_named(alone: None, settings: Settings) -> None:
    beat(ready=True)
    settings.REDIS_URL = "redis://:a-secret-word@127.0.0.1:1/0"
    found = states(503)
    assert found["redis"] == "out of reach"
    assert {found[name] for name in PARTS if name != "redis"} == {"ok"}


def test_a_database_out_of_reach_is_named_at_once(alone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere/at/all")
    began = time.monotonic()
    found = states(503)
    assert time.monotonic() - began < 10
    assert found["database"] == "out of reach"
    assert found["redis"] == "ok"
    assert {found[name] for name in ("migrations", "worker", "engine")} == {
        "unknown while the database is out of reach"
    }


def test_no_secret_is_in_the_answer(alone: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REDIS_URL = "redis://:a-secret-word@127.0.0.1:1/0"
    monkeypatch.setitem(connection.settings_dict, "HOST", "db.internal.invalid")
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "another-secret-word")
    body = Client().get("/readyz").content.decode()
    for word in ("secret", "127.0.0.1", "db.internal", "hermes_app", str(settings.SECRET_KEY)):
        assert word not in body


def test_being_asked_is_not_worth_a_line_in_the_log(alone: None, caplog: pytest.LogCaptureFixture) -> None:
    states(503)
    assert not caplog.records


def test_it_lives_without_any_other_part(settings: Settings, _static: None) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"alive\n")


def test_it_is_only_read(_static: None) -> None:
    assert Client().post("/healthz").status_code == 405
    assert Client().post("/readyz").status_code == 405
