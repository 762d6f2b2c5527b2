"""What `serve_model` prints, for every size and precision.

After a change that is meant run `RENEW_SNAPSHOTS=1 pytest tests/inference/vllm/test_snapshots.py`, and look at the
difference.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import ManagementUtility, call_command
from django.core.management.base import CommandError

from inference.vllm.shapes import Precision
from tests.inference.vllm.folders import LLAMA3, QUANTIZATIONS, SIZES, THINK, gguf_file, model_folder
from tests.inference.vllm.snapshot import assert_same

LARGE = ("--gpus", "8x141")


@pytest.fixture(autouse=True)
def _nothing_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "programs").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    monkeypatch.setattr("inference.vllm.program.find_spec", lambda _: None)


def said(*words: str) -> str:
    """Return what the command prints, or the sentence it refuses with."""
    output = io.StringIO()
    try:
        call_command("serve_model", *words, stdout=output)
    except CommandError as error:
        return f"refused: {error}"
    return output.getvalue()


def compare(name: str, text: str, tmp_path: Path) -> None:
    assert_same(name, text, (settings.DATA_DIR, "DATA"), (tmp_path, "FOLDER"))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("precision", Precision)
def test_a_published_size(size: str, precision: Precision, tmp_path: Path) -> None:
    compare(f"{size}-{precision}", said(size, "--precision", precision, *LARGE, "--dry-run"), tmp_path)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("precision", Precision)
def test_a_folder(size: str, precision: Precision, tmp_path: Path) -> None:
    folder = model_folder(tmp_path / f"Hermes-{size}-{precision}", size, quantization=QUANTIZATIONS[precision])
    compare(f"folder-{size}-{precision}", said(str(folder), *LARGE, "--dry-run"), tmp_path)


def test_a_gguf_file(tmp_path: Path) -> None:
    path = gguf_file(tmp_path / "Hermes-4-70B-Q4_K_M.gguf", [*LLAMA3, *THINK])
    compare("gguf", said(str(path), "--context", "16384", "--max-streams", "8", "--dry-run"), tmp_path)


@pytest.mark.parametrize("rank", ["0", "1"])
def test_several_hosts(rank: str, tmp_path: Path) -> None:
    words = ["--gpus", "8x80", "--nodes", "2", "--node-rank", rank, "--master", "10.0.0.1:29501"]
    text = said("405b", "--precision", "bf16", *words, "--host", "10.0.0.1", "--dry-run")
    compare(f"hosts-{rank}", text, tmp_path)


def test_ray(tmp_path: Path) -> None:
    compare(
        "ray", said("405b", "--precision", "bf16", "--gpus", "8x80", "--nodes", "2", "--ray", "--dry-run"), tmp_path
    )


def test_every_option(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = (
        "--port 9000 --host 10.0.0.5 --name team --context 32768 --tensor-parallel 4 --max-streams 64 --max-queue 32"
    )
    more = "--gpu-memory 0.85 --kv-cache fp8 --eager --dummy-weights --dry-run -- --seed 7 --dtype=bfloat16"
    ManagementUtility(["manage.py", "serve_model", "70b", *words.split(), *more.split()]).execute()
    compare("options", capsys.readouterr().out, tmp_path)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("gpus", ["1x24", "2x80", "8x80"])
def test_a_plan(size: str, gpus: str, tmp_path: Path) -> None:
    compare(f"plan-{size}-{gpus}", said(size, "--plan", "--gpus", gpus), tmp_path)
