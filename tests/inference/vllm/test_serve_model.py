"""`manage.py serve_model` becomes the engine: its signals, its key, its environment."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from hermes_web.stack.engine import model_file
from tests.environment import free_port
from tests.inference.vllm.folders import model_folder
from tests.inference.vllm.snapshot import ROOT
from tests.site import wait_until

# It tells what it was given, then waits for a signal and tells which.
STAND_IN = f"""#!{sys.executable}
import json, os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {{signal.SIGTERM, signal.SIGINT}})
print(json.dumps({{"pid": os.getpid(), "argv": sys.argv[1:], "environment": dict(os.environ)}}), flush=True)
print(signal.sigwait({{signal.SIGTERM, signal.SIGINT}}), flush=True)
"""


@pytest.fixture
def python(tmp_path: Path) -> Path:
    path = tmp_path / "python"
    path.write_text(STAND_IN)
    path.chmod(0o755)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return model_folder(tmp_path / "Hermes-4-14B", "14b")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@contextmanager
def start(data: Path, *words: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Run the command; whatever is left of it at the end is killed."""
    process = subprocess.Popen(
        # Whatever this machine has, the model fits.
        [sys.executable, "manage.py", "serve_model", *words, "--gpus", "1x80"],
        cwd=ROOT,
        env={**os.environ, "HERMES_DATA_DIR": str(data), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process, ExitStack() as rescue:
        rescue.callback(process.kill)
        yield process
        # The test came to its end: the process is to come to its own.
        rescue.pop_all()


def told(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout
    yield from process.stdout


def given(lines: Iterator[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(next(line for line in lines if line.startswith("{")))
    return document


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_reach_the_engine_itself(number: signal.Signals, data: Path, folder: Path, python: Path) -> None:
    with start(data, str(folder), "--python", str(python)) as process:
        lines = told(process)
        assert given(lines)["pid"] == process.pid
        process.send_signal(number)
        assert int(next(lines)) == number
    assert process.returncode == 0


def test_a_key_is_made_once_and_never_an_argument(data: Path, folder: Path, python: Path) -> None:
    keys = set()
    for _ in range(2):
        with start(data, str(folder), "--python", str(python)) as process:
            lines = told(process)
            first = next(lines)
            document = given(lines)
            process.terminate()
        keys.add(document["environment"]["VLLM_API_KEY"])
        assert not keys & set(document["argv"])
    path = data / "secrets" / "HERMES_ENGINE_API_KEY"
    assert keys == {path.read_text()}
    assert first.endswith(f"HERMES_ENGINE_API_KEY_FILE={path}\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_key_that_is_given_is_used(data: Path, folder: Path, python: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-a-file\n")
    with start(
        data, str(folder), "--python", str(python), HERMES_ENGINE_API_KEY_FILE=str(tmp_path / "key")
    ) as process:
        document = given(told(process))
        process.terminate()
    assert document["environment"]["VLLM_API_KEY"] == "from-a-file"
    assert not (data / "secrets" / "HERMES_ENGINE_API_KEY").exists()


def test_the_engine_gets_none_of_the_sites_secrets(data: Path, folder: Path, python: Path) -> None:
    secrets = {"HERMES_SECRET_KEY": "x" * 50, "DATABASE_URL": "postgresql:///secret", "REDIS_URL": "redis://secret"}
    with start(data, str(folder), "--python", str(python), VLLM_SERVER_DEV_MODE="1", **secrets) as process:
        environment = given(told(process))["environment"]
        process.terminate()
    assert not [name for name in environment if name in secrets or name.startswith("HERMES_")]
    assert environment["VLLM_SERVER_DEV_MODE"] == "0"
    assert environment["HF_HUB_OFFLINE"] == "1"


def test_a_dry_run_makes_nothing_and_can_be_run(data: Path, folder: Path, python: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-a-file")
    environment = {"HERMES_ENGINE_API_KEY_FILE": str(tmp_path / "key")}
    with start(data, str(folder), "--python", str(python), "--dry-run", **environment) as process:
        script = "".join(told(process))
    assert not (data / "secrets" / "HERMES_ENGINE_API_KEY").exists()
    with subprocess.Popen(["sh", "-c", f"exec 2>&1; {script}"], stdout=subprocess.PIPE, text=True) as shell:
        document = given(told(shell))
        os.kill(document["pid"], signal.SIGTERM)
    assert document["environment"]["VLLM_API_KEY"] == "from-a-file"
    assert document["argv"][:4] == ["-m", "vllm.entrypoints.openai.api_server", "--model", str(folder)]


def test_what_is_refused_is_one_sentence_without_a_trace(data: Path) -> None:
    with start(data, "14b", "--host", "0.0.0.0") as process:
        _, words = process.communicate()
    assert (process.returncode, words.count("\n"), words.startswith("CommandError: --host 0.0.0.0")) == (1, 1, True)


def test_an_interpreter_that_cannot_run_is_a_sentence(data: Path, folder: Path, python: Path) -> None:
    python.write_text("#!/no/such/interpreter\n")
    with start(data, str(folder), "--python", str(python)) as process:
        _, words = process.communicate()
    assert "cannot be started (No such file or directory)" in words


def test_a_gguf_file_is_really_served(data: Path) -> None:
    port = free_port()
    root = f"http://127.0.0.1:{port}"
    with start(data, str(model_file()), "--port", str(port), "--max-streams", "2", "--context", "1024") as process:
        wait_until(lambda: status(f"{root}/health") == 200, "the engine", seconds=60)
        key = (data / "secrets" / "HERMES_ENGINE_API_KEY").read_text()
        assert status(f"{root}/v1/models") == 401
        assert ask(f"{root}/v1/models", key)["data"][0]["id"] == model_file().stem.lower()
        slots = ask(f"{root}/props", key)
        assert (slots["total_slots"], slots["default_generation_settings"]["n_ctx"]) == (2, 1024)
        assert slots["chat_template"].strip() == (ROOT / "inference/vllm/templates/chatml.jinja").read_text().strip()
        process.terminate()
    assert process.returncode == -signal.SIGKILL


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def ask(url: str, key: str) -> dict[str, Any]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        document: dict[str, Any] = json.load(answer)
    return document
