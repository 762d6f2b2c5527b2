"""`manage.py audit` verifies, seals, anchors and exports."""

from __future__ import annotations

import io
import json
import uuid
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from audit.sealing import head_of
from audit.verify_audit import ANCHOR_FORMAT, main
from tests.audit.chain import recorded, sealed
from tests.audit.tampering import links_of, remade, write


@pytest.fixture
def anchors(lasting: None, settings: Settings, tmp_path: Path) -> Path:
    """The configured file of anchors, a new one."""
    settings.AUDIT_ANCHOR_FILE = str(tmp_path / "audit.jsonl")
    return Path(settings.AUDIT_ANCHOR_FILE)


def audit(*arguments: object) -> str:
    output = io.StringIO()
    call_command("audit", *map(str, arguments), stdout=output)
    return output.getvalue()


def test_from_an_event_to_a_verified_file(anchors: Path, tmp_path: Path) -> None:
    chain = uuid.uuid4()
    recorded(chain, 3)
    assert "events sealed." in audit("seal")
    assert "heads anchored." in audit("anchor")
    found = audit("verify", "--chain", chain)
    assert f"Chain {chain}: whole. 3 events, head 3 " in found
    audit("export", "--chain", chain, "--output", tmp_path / "export.jsonl")
    assert main([str(tmp_path / "export.jsonl")]) == 0


def test_a_chain_made_anew_ends_with_an_error(anchors: Path, tmp_path: Path) -> None:
    chain = sealed(3)
    head = {"number": 3, "digest": head_of(chain).digest.hex(), "at": "2026-11-21T10:00Z"}
    anchors.write_text(json.dumps({"format": ANCHOR_FORMAT, "chain": str(chain), **head}))
    assert "Exposed: no event" in audit("verify", "--chain", chain)
    links = links_of(chain)
    write(chain, remade(links[1:]))
    with pytest.raises(CommandError, match="The audit record is not whole."):
        audit("verify", "--chain", chain)
    assert audit("verify", "--chain", chain, "--anchors", "/dev/null")


def test_a_file_of_anchors_that_is_gone_is_missed(anchors: Path) -> None:
    chain = sealed(3)
    audit("anchor")
    anchors.unlink()
    with pytest.raises(
        CommandError, match="No such file or directory. Bring it back, or name a copy with --anchors."
    ):
        audit("verify", "--chain", chain)


def test_all_chains_are_verified(anchors: Path) -> None:
    chain = sealed(2)
    anchors.touch()
    output = io.StringIO()
    try:
        call_command("audit", "verify", stdout=output)
    except CommandError:
        # Other tests leave chains that are not whole.
        assert "NOT WHOLE" in output.getvalue()
    assert f"Chain {chain}: whole. 2 events" in output.getvalue()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("verify", "--chain", "acme"), "“acme” is no organization's id. Write the id, or “platform”."),
        (("verify", "--anchors", "/missing"), "/missing: "),
        (("export", "--chain", "platform", "--output", "/missing/file"), "/missing/file cannot be written"),
    ],
)
def test_what_is_wrong_is_said(anchors: Path, arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        audit(*arguments)
