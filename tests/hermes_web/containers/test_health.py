from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from chat.models import WorkerBeat
from hermes_web.containers import health
from hermes_web.containers.patience import NotInTime, wait_for_database, wait_for_tables
from tests.site import Site

BEAT = """
INSERT INTO chat_workerbeat (id, host, process, started_at, seen_at, engine)
VALUES (%s, %s, 1, clock_timestamp(), clock_timestamp() - %s * interval '1 second', '{}')
"""
# Of an app that no other's migrations wait for.
FORGET_THE_LAST = """
DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations WHERE app = 'audit')
RETURNING app, name, applied
"""


@pytest.fixture
def address(servers: Site, lasting: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    sockets = servers.layout.sockets
    monkeypatch.setenv("DATABASE_URL", f"postgresql://hermes_app@/hermes?host={sockets}")
    yield
    WorkerBeat.objects.filter(host=socket.gethostname(), process=1).delete()


def beat(host: str, seconds_ago: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BEAT, [uuid.uuid4(), host, seconds_ago])


def test_a_worker_is_healthy_by_its_own_beat_only(address: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: f"this-{os.getpid()}")
    beat("another", 0)
    assert health.main("worker") == 1
    beat(socket.gethostname(), 30)
    assert health.main("worker") == 1
    beat(socket.gethostname(), 0)
    assert health.main("worker") == 0


def test_a_worker_without_its_database_is_not_healthy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://hermes_app@127.0.0.1:1/hermes")
    assert health.main("worker") == 1
    assert "refused" in capsys.readouterr().err


def test_web_is_healthy_when_it_answers(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PORT", site.port)
    monkeypatch.setenv("HERMES_PUBLIC_URL", f"http://localhost:{site.port}")
    assert health.main("web") == 0
    monkeypatch.setattr(health, "PORT", 1)
    assert health.main("web") == 1


def test_the_clock_is_healthy_while_it_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "BEAT_SCHEDULE", tmp_path / "beat.schedule")
    assert health.main("beat") == 1
    written = tmp_path / "beat.schedule.db"
    written.touch()
    assert health.main("beat") == 0
    long_ago = time.time() - health.BEAT_SILENCE - 1
    os.utime(written, (long_ago, long_ago))
    assert health.main("beat") == 1


def test_waiting_ends_when_the_tables_are_there(lasting: None) -> None:
    wait_for_database("owner", seconds=0)
    wait_for_tables(seconds=0)


def test_waiting_says_what_did_not_come(lasting: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FORGET_THE_LAST)
        forgotten = cursor.fetchone()
    try:
        with pytest.raises(NotInTime, match="1 are waiting"):
            wait_for_tables(seconds=0)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", forgotten)
