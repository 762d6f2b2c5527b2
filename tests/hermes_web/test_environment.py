"""Settings from the environment: what is wrong stops the start, in words that name the variable."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from hermes_web import environment as env
from hermes_web.environment import ConfigurationError


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("HERMES_X", "HERMES_X_FILE", "HERMES_SECRETS_DIR"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize(("written", "read"), [("a", "a"), (" a \n", "a"), ("", "default"), ("  ", "default")])
def test_an_empty_text_is_an_unset_one(given: pytest.MonkeyPatch, written: str, read: str) -> None:
    given.setenv("HERMES_X", written)
    assert env.text("HERMES_X", "default") == read


@pytest.mark.parametrize("written", ["true", "True", "1", "yes", " TRUE "])
def test_it_reads_a_switch_that_is_on(given: pytest.MonkeyPatch, written: str) -> None:
    given.setenv("HERMES_X", written)
    assert env.boolean("HERMES_X", default=False) is True


@pytest.mark.parametrize("written", ["false", "FALSE", "0", "no"])
def test_it_reads_a_switch_that_is_off(given: pytest.MonkeyPatch, written: str) -> None:
    given.setenv("HERMES_X", written)
    assert env.boolean("HERMES_X", default=True) is False


@pytest.mark.parametrize("default", [True, False])
def test_a_switch_that_is_not_given_has_its_default(given: pytest.MonkeyPatch, default: bool) -> None:
    assert env.boolean("HERMES_X", default=default) is default
    given.setenv("HERMES_X", "")
    assert env.boolean("HERMES_X", default=default) is default


@pytest.mark.parametrize("written", ["on", "maybe", "2", "truefalse"])
def test_it_rejects_a_switch_it_cannot_read(given: pytest.MonkeyPatch, written: str) -> None:
    given.setenv("HERMES_X", written)
    with pytest.raises(ConfigurationError, match=f"HERMES_X is '{written}'; write true or false"):
        env.boolean("HERMES_X", default=False)


@pytest.mark.parametrize("written", ["1", "65535"])
def test_a_number_may_be_one_of_its_bounds(given: pytest.MonkeyPatch, written: str) -> None:
    given.setenv("HERMES_X", written)
    assert env.integer("HERMES_X", 8000, 1, 65535) == int(written)


@pytest.mark.parametrize("written", ["0", "65536", "-1", "eighty", "8e3", "80.0"])
def test_it_rejects_a_number_that_is_none_or_out_of_bounds(given: pytest.MonkeyPatch, written: str) -> None:
    given.setenv("HERMES_X", written)
    with pytest.raises(ConfigurationError, match="HERMES_X is .*(whole number|between 1 and 65535)"):
        env.integer("HERMES_X", 8000, 1, 65535)


def test_a_secret_comes_from_the_variable(given: pytest.MonkeyPatch) -> None:
    assert env.secret("HERMES_X") is None
    given.setenv("HERMES_X", "quiet")
    assert env.secret("HERMES_X") == "quiet"


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_secret_comes_from_a_file_without_the_newline_that_editors_add(
    given: pytest.MonkeyPatch, tmp_path: Path, ending: str
) -> None:
    file = tmp_path / "secret"
    file.write_bytes(f"two words{ending}".encode())
    given.setenv("HERMES_X_FILE", str(file))
    assert env.secret("HERMES_X") == "two words"


def test_it_rejects_a_secret_given_twice(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given.setenv("HERMES_X", "one")
    given.setenv("HERMES_X_FILE", str(tmp_path / "two"))
    with pytest.raises(ConfigurationError, match="Both HERMES_X and HERMES_X_FILE are set"):
        env.secret("HERMES_X")


def test_a_secret_comes_from_the_folder_of_secrets(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given.setenv("HERMES_SECRETS_DIR", str(tmp_path))
    assert env.secret("HERMES_X") is None
    (tmp_path / "HERMES_X").write_text("quiet\n")
    assert env.secret("HERMES_X") == "quiet"
    given.setenv("HERMES_X", "the variable wins")
    assert env.secret("HERMES_X") == "the variable wins"


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "cannot be read: No such file"), (b"", "is empty"), (b" \n", "is empty"), (b"\xff\xfe", "not UTF-8")],
)
def test_it_rejects_a_file_without_a_secret_and_says_which(
    given: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, words: str
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    given.setenv("HERMES_X_FILE", str(file))
    with pytest.raises(ConfigurationError, match=f"HERMES_X_FILE names {file}, which .*{words}"):
        env.secret("HERMES_X")


def test_it_rejects_a_folder_where_a_file_should_be(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given.setenv("HERMES_X_FILE", str(tmp_path))
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        env.secret("HERMES_X")


def test_it_rejects_a_link_to_nothing_in_the_folder_of_secrets(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "HERMES_X").symlink_to(tmp_path / "gone")
    given.setenv("HERMES_SECRETS_DIR", str(tmp_path))
    with pytest.raises(ConfigurationError, match="HERMES_SECRETS_DIR holds .* cannot be read"):
        env.secret("HERMES_X")


@pytest.mark.parametrize("written", ["http://gpu:8000/v1", "https://[::1]:8000/v1", "https://chat.example.com"])
def test_it_reads_an_address(given: pytest.MonkeyPatch, written: str) -> None:
    given.setenv("HERMES_X", written)
    assert env.url("HERMES_X", "", ("http", "https")) == written


@pytest.mark.parametrize(
    "written",
    ["gpu:8000", "ftp://gpu", "http://", "http:///v1", "http://gpu:port", "http://[::1", "http://gpu:70000"],
)
def test_it_rejects_an_address_that_is_none(given: pytest.MonkeyPatch, written: str) -> None:
    given.setenv("HERMES_X", written)
    with pytest.raises(ConfigurationError, match="HERMES_X is .*begins with http or https://"):
        env.url("HERMES_X", "", ("http", "https"))


@pytest.mark.parametrize(("written", "read"), [("a, b,,c ", ["a", "b", "c"]), ("", []), (" , ", [])])
def test_it_reads_words_between_commas(given: pytest.MonkeyPatch, written: str, read: Sequence[str]) -> None:
    given.setenv("HERMES_X", written)
    assert env.words("HERMES_X") == read
