"""Which installed program serves a model."""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from inference.vllm.errors import EngineMissing

MODULE = ("-m", "vllm.entrypoints.openai.api_server")
LLAMA_SERVER = ("llama-server",)
# The same options, answered by the server inside the package xllamacpp.
IN_PROCESS = (sys.executable, "-P", str(Path(__file__).resolve().parent.parent / "llama_cpp" / "server.py"))


def find_vllm(python: str | None, *, follows: bool = False) -> tuple[str, ...]:
    """Return how vLLM is begun: by an interpreter that has it, by its command, or by ours. Raises EngineMissing.

    Of several hosts those that follow the first need the command: the module knows no `--headless`.
    """
    if shutil.which("vllm") and not python:
        return ("vllm", "serve")
    if follows:
        raise EngineMissing(
            "The hosts after the first start vLLM by its command: install it so that `vllm` can be found, "
            "and leave --python out."
        )
    if python:
        return (_interpreter(python), *MODULE)
    if find_spec("vllm"):
        return (sys.executable, *MODULE)
    raise EngineMissing(
        "vLLM is not installed here: install it (pip install vllm) so that `vllm` can be found, "
        "or name an interpreter that has it with --python."
    )


def find_llama_cpp() -> tuple[str, ...]:
    """Return how llama.cpp is begun: its own server, or the one inside a package. Raises EngineMissing."""
    if shutil.which(*LLAMA_SERVER):
        return LLAMA_SERVER
    if find_spec("xllamacpp"):
        return IN_PROCESS
    raise EngineMissing(
        "A GGUF file is served by llama.cpp, which is not installed here: install llama-server, "
        "or the package xllamacpp (pip install xllamacpp)."
    )


def _interpreter(python: str) -> str:
    found = shutil.which(python)
    if not found:
        raise EngineMissing(f"--python {python} is not a program: give an interpreter that has vLLM installed.")
    return found
