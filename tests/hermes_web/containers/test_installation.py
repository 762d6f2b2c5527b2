from __future__ import annotations

import os
import stat
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hermes_web.addresses import database
from hermes_web.containers import installation
from hermes_web.containers.installation import InstallationRefused, lay_out

SERVICES = ("postgres", "redis", "migrate", "app", "engine")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("made", "given", *SERVICES):
        (tmp_path / name).mkdir()
    (tmp_path / "given" / "README.md").write_text("about")
    if os.geteuid():
        # Only root gives files away.
        for name in ("POSTGRES", "VALKEY", "HERMES", "ENGINE"):
            monkeypatch.setattr(installation, name, os.geteuid())
    return tmp_path


def read(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()}


def test_it_makes_secrets_once(root: Path) -> None:
    lay_out(root)
    first = read(root)
    lay_out(root)
    assert read(root) == first
    made = [text for name, text in first.items() if name.startswith("made/")]
    assert len(set(made)) == len(made) == 6
    assert min(map(len, made)) >= 64


def test_two_installations_share_no_secret(root: Path) -> None:
    lay_out(root)
    before = set(read(root / "made").values())
    for path in (root / "made").iterdir():
        path.unlink()
    lay_out(root)
    assert before.isdisjoint(read(root / "made").values())


def test_each_file_is_for_its_reader_alone(root: Path) -> None:
    lay_out(root)
    users = {"postgres": installation.POSTGRES, "redis": installation.VALKEY, "app": installation.HERMES}
    for service in SERVICES:
        for path in (root / service).iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o400
            assert path.stat().st_uid == users.get(service, path.stat().st_uid)


def test_only_the_migrations_and_the_database_know_the_owner(root: Path) -> None:
    lay_out(root)
    password = (root / "made" / "owner-password").read_text()
    knowing = {name.split("/")[0] for name, text in read(root).items() if password in text}
    assert knowing == {"made", "postgres", "migrate"}


def test_what_the_site_reads_fits_what_the_servers_were_given(root: Path) -> None:
    lay_out(root)
    application = database("DATABASE_URL", (root / "app" / "DATABASE_URL").read_text())
    owner = database("DATABASE_OWNER_URL", (root / "migrate" / "DATABASE_OWNER_URL").read_text())
    assert (application["USER"], owner["USER"]) == ("hermes_app", "hermes_owner")
    assert application["PASSWORD"] == (root / "postgres" / "app-password").read_text()
    assert owner["PASSWORD"] == (root / "postgres" / "owner-password").read_text()
    redis = urlsplit((root / "app" / "REDIS_URL").read_text())
    assert (root / "redis" / "valkey.conf").read_text() == f"requirepass {redis.password}\n"
    assert (root / "engine" / "key").read_text() == (root / "app" / "HERMES_ENGINE_API_KEY").read_text()


def test_a_given_secret_wins_and_its_removal_is_followed(root: Path) -> None:
    given = root / "given" / "HERMES_SMTP_URL"
    given.write_text("smtp://mail.example.com\n")
    lay_out(root)
    assert (root / "app" / "HERMES_SMTP_URL").read_text() == "smtp://mail.example.com"
    given.unlink()
    lay_out(root)
    assert not (root / "app" / "HERMES_SMTP_URL").exists()


def test_a_given_key_reaches_the_engine_too(root: Path) -> None:
    (root / "given" / "HERMES_ENGINE_API_KEY").write_text("of theirs")
    lay_out(root)
    assert (
        (root / "engine" / "key").read_text() == (root / "app" / "HERMES_ENGINE_API_KEY").read_text() == "of theirs"
    )


def test_a_database_of_theirs_replaces_both_roles(root: Path) -> None:
    (root / "given" / "DATABASE_URL").write_text("postgresql://hermes_app@db.example.com/hermes")
    lay_out(root)
    assert not (root / "migrate" / "DATABASE_OWNER_URL").exists()
    (root / "given" / "DATABASE_OWNER_URL").write_text("postgresql://hermes_owner@db.example.com/hermes")
    lay_out(root)
    assert "hermes_owner@db.example.com" in (root / "migrate" / "DATABASE_OWNER_URL").read_text()
    assert not (root / "app" / "DATABASE_OWNER_URL").exists()


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("HERMES_TYPO", "x", "HERMES_TYPO"),
        ("REDIS_URL", " ", "empty"),
        ("DATABASE_OWNER_URL", "postgresql://hermes_owner@db.example.com/hermes", "without DATABASE_URL"),
    ],
)
def test_it_refuses_what_it_does_not_understand(root: Path, name: str, text: str, words: str) -> None:
    (root / "given" / name).write_text(text)
    with pytest.raises(InstallationRefused, match=words):
        lay_out(root)
