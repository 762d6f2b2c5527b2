from __future__ import annotations

from pathlib import Path

import pytest

from hermes_web import environment
from hermes_web.environment import ConfigurationError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HERMES_SECRETS_DIR", str(tmp_path))
    return tmp_path


def test_a_secret_is_read_from_the_folder(folder: Path) -> None:
    (folder / "REDIS_URL").write_text("redis://there\n")
    assert environment.secret("REDIS_URL") == "redis://there"
    assert environment.secret("HERMES_SMTP_URL") is None


def test_what_is_said_directly_wins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "REDIS_URL").write_text("redis://there")
    monkeypatch.setenv("REDIS_URL", "redis://here")
    assert environment.secret("REDIS_URL") == "redis://here"


def test_a_secret_that_may_not_be_read_stops_the_start(folder: Path) -> None:
    (folder / "REDIS_URL").symlink_to(folder / "missing")
    with pytest.raises(ConfigurationError, match="HERMES_SECRETS_DIR holds .*REDIS_URL, which cannot be read"):
        environment.secret("REDIS_URL")
    (folder / "HERMES_SMTP_URL").write_text("\n")
    with pytest.raises(ConfigurationError, match="is empty"):
        environment.secret("HERMES_SMTP_URL")
