"""Heads of chains are written outside the database, to every place, until it has taken them."""

from __future__ import annotations

import hmac
import http.server
import json
import socket
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from audit.anchoring import LOCK, anchor
from audit.models import Anchor
from audit.sealing import head_of, seal_chain
from audit.verification import verify
from audit.verify_audit import Anchored, Unverifiable, read_anchors
from tests.audit.chain import recorded

SECRET = "a secret of the receiver"


@pytest.fixture
def alone(lasting: None) -> Iterator[None]:
    """Nobody else anchors meanwhile, nor sees what is sealed here."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [LOCK])
        yield
        transaction.set_rollback(True)


@pytest.fixture
def file(alone: None, settings: Settings, tmp_path: Path) -> Path:
    """The only place, a file in a folder that is not there yet."""
    path = tmp_path / "anchors" / "audit.jsonl"
    settings.AUDIT_ANCHOR_FILE, settings.AUDIT_ANCHOR_SYSLOG, settings.AUDIT_ANCHOR_WEBHOOK = str(path), "", ""
    return path


@dataclass(slots=True)
class Receiver:
    """What a webhook's receiver was sent, and what it answers."""

    port: int = 0
    status: HTTPStatus = HTTPStatus.NO_CONTENT
    bodies: list[bytes] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.paths.append(self.path)
            found.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            found.signatures.append(self.headers.get("X-Hermes-Signature", ""))
            self.send_response(found.status)
            if found.status == HTTPStatus.FOUND:
                self.send_header("Location", f"http://127.0.0.1:{found.port}/elsewhere")
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *arguments: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.port = server.server_port
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


def sealed(count: int = 1, chain: uuid.UUID | None = None) -> uuid.UUID:
    chain = chain or uuid.uuid4()
    recorded(chain, count)
    assert seal_chain(chain) == count
    return chain


def anchors_in(file: Path, chain: uuid.UUID) -> list[Anchored]:
    return [one for one in read_anchors(file.read_text().splitlines()) if one.chain == str(chain)]


def test_a_head_is_written_once_and_verifies(file: Path) -> None:
    chain = sealed(3)
    assert anchor() >= 1
    # Again for what others have sealed meanwhile, and not for this one.
    anchor()
    (written,) = anchors_in(file, chain)
    assert (written.number, written.digest) == (3, head_of(chain).digest)
    assert Anchor.objects.get(chain=chain).places == "file"
    report = verify(chain, [written])
    assert report.ok
    assert report.exposed == 0


def test_a_head_that_has_moved_is_written_again(file: Path) -> None:
    chain = sealed(3)
    other = sealed(1)
    anchor()
    sealed(2, chain)
    assert anchor() >= 1
    assert [one.number for one in anchors_in(file, chain)] == [3, 5]
    assert [one.number for one in anchors_in(file, other)] == [1]
    assert verify(chain, anchors_in(file, chain)).ok


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_UNIX], ids=["port", "socket"])
def test_a_syslog_is_sent_each_head(
    file: Path, settings: Settings, tmp_path: Path, family: socket.AddressFamily
) -> None:
    with socket.socket(family, socket.SOCK_DGRAM) as syslog:
        syslog.bind(("127.0.0.1", 0) if family == socket.AF_INET else str(tmp_path / "log"))
        syslog.settimeout(10)
        anchor()
        settings.AUDIT_ANCHOR_FILE, settings.AUDIT_ANCHOR_SYSLOG = "", syslog.getsockname()
        Anchor.objects.bulk_create([_taken(one, "syslog") for one in Anchor.objects.filter(places="file")])
        chain = sealed(2)
        assert anchor() >= 1
        # A worker of another test may have sealed chains of others.
        while str(chain) not in (line := syslog.recv(4096).decode()):
            pass
    assert line.startswith("<85>1 20")
    assert " hermes-audit " in line
    (found,) = read_anchors([line])
    assert (found.number, found.digest) == (2, head_of(chain).digest)


def test_a_webhook_is_sent_signed_lines(file: Path, settings: Settings, receiver: Receiver) -> None:
    settings.AUDIT_ANCHOR_WEBHOOK = f"http://127.0.0.1:{receiver.port}/anchors?of=hermes"
    settings.AUDIT_ANCHOR_SECRET = SECRET
    chain = sealed(2)
    anchor()
    assert receiver.paths == ["/anchors?of=hermes"]
    assert receiver.signatures == [f"sha256={hmac.digest(SECRET.encode(), receiver.bodies[0], 'sha256').hex()}"]
    found = [json.loads(line) for line in receiver.bodies[0].splitlines()]
    assert [one["number"] for one in found if one["chain"] == str(chain)] == [2]
    assert Anchor.objects.get(chain=chain).places == "file,webhook"


@pytest.mark.parametrize("status", [HTTPStatus.FOUND, HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.FORBIDDEN])
def test_a_place_that_fails_is_tried_again_and_holds_up_no_other(
    file: Path,
    settings: Settings,
    receiver: Receiver,
    status: HTTPStatus,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.AUDIT_ANCHOR_WEBHOOK = f"http://127.0.0.1:{receiver.port}/anchors?token=hidden"
    receiver.status = status
    chain = sealed(2)
    anchor()
    assert receiver.paths == ["/anchors?token=hidden"]
    assert f"127.0.0.1 answered {status}" in caplog.text
    assert "hidden" not in caplog.text
    receiver.status = HTTPStatus.OK
    anchor()
    assert list(Anchor.objects.filter(chain=chain).values_list("places", flat=True)) == ["file", "webhook"]
    assert len(anchors_in(file, chain)) == 1


def test_a_file_that_cannot_be_written_is_said(
    file: Path, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "taken").write_text("")
    settings.AUDIT_ANCHOR_FILE = str(tmp_path / "taken" / "audit.jsonl")
    chain = sealed(1)
    assert anchor() == 0
    assert "cannot be written" in caplog.text
    assert not Anchor.objects.filter(chain=chain).exists()


def test_a_receiver_that_is_away_is_said(
    file: Path, settings: Settings, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.AUDIT_ANCHOR_WEBHOOK = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        chain = sealed(1)
        anchor()
    assert "cannot be reached" in caplog.text
    assert Anchor.objects.get(chain=chain).places == "file"


def _taken(one: Anchor, place: str) -> Anchor:
    return Anchor(chain=one.chain, number=one.number, digest=one.digest, at=one.at, places=place)


def test_a_line_that_was_cut_off_spoils_neither_the_file_nor_the_next_line(file: Path) -> None:
    chain = sealed(2)
    anchor()
    whole = file.read_text()
    for at in range(1, 60):
        file.write_text(whole + whole[:at])
        assert anchors_in(file, chain) != [], "while it is written"
        sealed(1, chain)
        anchor()
        assert anchors_in(file, chain)[-1].number == 2 + at
        assert verify(chain, anchors_in(file, chain)).ok


@pytest.mark.parametrize(
    "line", ["nothing", '{"format": "other"}', '{"format": "hermes-audit-anchor-1", "chain": 1}', "{}"]
)
def test_a_line_that_is_none_is_said(line: str) -> None:
    with pytest.raises(Unverifiable, match="Line 1 of the anchors is none"):
        read_anchors([line])
