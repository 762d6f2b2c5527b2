"""Exports: a whole chain is verified with nothing but Python and the file."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import uuid
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import verify_audit
from audit.export import COLUMNS, export_chain, export_csv, export_jsonl
from audit.models import Event, Label
from audit.record import Origin, record, reset_origin, set_origin
from audit.sealing import head_of
from audit.verify_audit import ANCHOR_FORMAT, Unverifiable, genesis, verify_file
from tests.audit.chain import recorded, sealed, settle
from tests.audit.tampering import links_of, write
from tests.database import committed


@pytest.fixture
def chain(lasting: None) -> uuid.UUID:
    chain = uuid.uuid4()
    recorded(chain, 9, lambda at: {"before": "ü" * at, "after": '"\n\u2028', "at": at / 3})
    settle(chain)
    return chain


def exported(chain: uuid.UUID, folder: Path) -> Path:
    path = folder / "export.jsonl"
    path.write_bytes(b"".join(export_chain(chain)))
    return path


def anchored(chain: uuid.UUID, folder: Path) -> Path:
    """Write an anchor of the head that a chain has now."""
    head, path = head_of(chain), folder / "anchors.jsonl"
    fields = {"format": ANCHOR_FORMAT, "chain": str(chain), "number": head.number, "digest": head.digest.hex()}
    path.write_text(json.dumps({**fields, "at": "2026-11-21T10:00:00+00:00"}) + "\n")
    return path


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the verifier by itself: no packages, no environment."""
    return subprocess.run(
        [sys.executable, "-I", "-S", verify_audit.__file__, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_chain_is_verified_without_a_database(chain: uuid.UUID, tmp_path: Path) -> None:
    found = run(exported(chain, tmp_path))
    assert found.returncode == 0, found.stderr
    assert f"Chain {chain}: whole. 9 events, head 9 {head_of(chain).digest.hex()}" in found.stdout
    assert "Exposed: everything." in found.stdout


def test_an_anchor_closes_the_window(chain: uuid.UUID, tmp_path: Path) -> None:
    anchors = anchored(chain, tmp_path)
    assert "Exposed: no event" in run(exported(chain, tmp_path), "--anchors", anchors).stdout
    recorded(chain, 2)
    settle(chain)
    found = run(exported(chain, tmp_path), "--anchors", anchors)
    assert found.returncode == 0
    assert "Exposed: 2 events since the newest anchor, number 9 of 2026-11-21T10:00:00+00:00." in found.stdout


def test_every_line_is_json_and_holds_the_canonical_text(chain: uuid.UUID, tmp_path: Path) -> None:
    header, *rows, end = exported(chain, tmp_path).read_bytes().splitlines()
    assert json.loads(header)["whole"] is True
    assert json.loads(end) == {"events": 9}
    assert [int(json.loads(row)[0]) for row in rows] == [*range(1, 10)]
    assert json.loads(rows[4])[2][-1] == {"before": "üüüü", "after": '"\n\u2028', "at": 4 / 3}


def test_a_changed_file_is_refused(chain: uuid.UUID, tmp_path: Path) -> None:
    path = exported(chain, tmp_path)
    path.write_bytes(path.read_bytes().replace(b"tests.chain.grew", b"tests.chain.grow", 1))
    found = run(path)
    assert found.returncode == 1
    assert "problem: the digest of number 1 does not fit" in found.stdout


def test_an_event_that_is_gone_is_missed_in_the_file(chain: uuid.UUID, tmp_path: Path) -> None:
    links = links_of(chain)
    links[3].event = None
    write(chain, links)
    found = run(exported(chain, tmp_path))
    assert found.returncode == 1
    assert "9 events" in found.stdout
    assert "problem: the digest of number 4 does not fit" in found.stdout


def test_a_chain_that_ends_before_its_anchor_is_refused(chain: uuid.UUID, tmp_path: Path) -> None:
    anchors = anchored(chain, tmp_path)
    header, *rows, _ = exported(chain, tmp_path).read_bytes().splitlines(keepends=True)
    path = tmp_path / "short.jsonl"
    path.write_bytes(b"".join([header, *rows[:7], b'{"events": 7}\n']))
    assert run(path).returncode == 0
    found = run(path, "--anchors", anchors)
    assert found.returncode == 1
    assert "problem: the chain ends at 7, but 9 was anchored" in found.stdout


def test_a_file_that_was_cut_off_says_so(chain: uuid.UUID, tmp_path: Path) -> None:
    path = exported(chain, tmp_path)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    assert "the file ends before its last line" in run(path).stdout


def test_several_chains_in_one_file_are_each_verified(chain: uuid.UUID, tmp_path: Path) -> None:
    other = sealed(2)
    path = tmp_path / "both.jsonl"
    path.write_bytes(b"".join([*export_chain(chain), *export_chain(other), *export_chain(uuid.uuid4())]))
    found = run(path)
    assert found.returncode == 0
    assert f"Chain {other}: whole. 2 events" in found.stdout


def test_a_chain_that_is_said_to_be_another_ones_does_not_fit(chain: uuid.UUID, tmp_path: Path) -> None:
    path = exported(chain, tmp_path)
    header, rest = path.read_bytes().split(b"\n", 1)
    path.write_bytes(header.replace(str(chain).encode(), str(uuid.uuid4()).encode()) + b"\n" + rest)
    assert run(path).returncode == 1


def test_a_partial_export_says_that_it_is(chain: uuid.UUID, tmp_path: Path) -> None:
    recorded(chain, 1)
    events = Event.objects.filter(organization_id=chain).order_by("at")
    path = tmp_path / "part.jsonl"
    path.write_bytes(b"".join(export_jsonl(events, chosen="all of today")))
    header, *rows, end = (json.loads(line) for line in path.read_bytes().splitlines())
    assert (header["whole"], header["chosen"]) == (False, "all of today")
    assert end == {"events": 10}
    assert [row[2][1] for row in rows] == [str(event.id) for event in events]
    found = run(path)
    assert found.returncode == 2
    assert "partial" in found.stderr


@pytest.mark.parametrize("content", [b"", b"no export\n", b'{"format": "another"}\n', b"[]\n"])
def test_what_is_no_export_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    found = run(path)
    assert (found.returncode, found.stdout) == (2, "")
    assert "Traceback" not in found.stderr
    assert run(tmp_path / "missing").returncode == 2
    assert run(path, "--anchors", path).returncode == 2


def _file_of(count: int) -> list[bytes]:
    name, lines = str(uuid.UUID(int=5)), []
    digest = genesis(name)
    for number in range(1, count + 1):
        text = json.dumps(["hermes-audit-1", str(uuid.UUID(int=number)), "…", {"at": number}], ensure_ascii=False)
        digest = sha256(digest + text.encode()).digest()
        lines.append(f'["{number:012}","{digest.hex()}",{text}]\n'.encode())
    header = {"format": verify_audit.EXPORT_FORMAT, "chain": name, "whole": True}
    return [json.dumps(header).encode() + b"\n", *lines, json.dumps({"events": count}).encode() + b"\n"]


LINES = _file_of(6)


@given(row=st.integers(1, 6), data=st.data())
def test_no_byte_of_a_row_can_change(row: int, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(LINES[row]) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda one: one != LINES[row][at]))
    changed = LINES[row][:at] + bytes([byte]) + LINES[row][at + 1 :]
    # Upper-case digits of a digest mean the same.
    if changed.lower() == LINES[row].lower() and 17 <= at < 81:
        return
    assert not _is_whole([*LINES[:row], changed, *LINES[row + 1 :]])


@given(st.binary(max_size=400))
def test_no_bytes_break_the_verifier(tail: bytes) -> None:
    assert not _is_whole([*LINES[:4], tail]) or tail.strip() == b""
    _is_whole([tail])


def test_the_file_as_it_is_is_whole() -> None:
    assert _is_whole(LINES)


def _is_whole(lines: list[bytes]) -> bool:
    try:
        return all(report.ok for report in verify_file(io.BytesIO(b"".join(lines)), []))
    except Unverifiable:
        return False


def test_a_table_has_names_and_no_formulas(lasting: None) -> None:
    chain, person, other = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    token = set_origin(Origin(address="192.0.2.9", request_id="=cmd()"))
    try:
        with committed():
            record(
                "tests.chain.named",
                actor_id=person,
                organization_id=chain,
                target=("user", other),
                facts={"role": "admin"},
                labels={person: "@ann", other: "bob@example.com"},
            )
            record("tests.chain.plain", actor_id=None, organization_id=chain)
    finally:
        reset_origin(token)
    Label.objects.filter(id=other).delete()
    settle(chain)
    written = b"".join(export_csv(Event.objects.filter(organization_id=chain).order_by("at"))).decode()
    header, first, second = csv.reader(io.StringIO(written))
    assert tuple(header) == COLUMNS
    row = dict(zip(header, first, strict=True))
    assert (row["number"], row["actor_name"], row["target_name"]) == ("1", "'@ann", "")
    assert (row["address"], row["request"], row["facts"]) == ("192.0.2.9", "'=cmd()", '{"role": "admin"}')
    assert second[header.index("action")] == "tests.chain.plain"
