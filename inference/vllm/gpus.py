"""The graphics cards of a machine: those that are there, or those that somebody thinks of."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass

from inference.vllm.errors import WrongOption

GIB = 2**30
QUERY = ("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits")
SECONDS = 20
WRITTEN = re.compile(r"(\d{1,3})x(\d{1,4})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One host's GPUs, and how many such hosts there are. What is spread evenly fits where the smallest lets it."""

    name: str
    gpus: int
    memory: int
    hosts: int = 1

    @property
    def title(self) -> str:
        gpus = f"{self.gpus} × {self.name} with {self.memory / GIB:.0f} GiB"
        return f"{self.hosts} hosts of {gpus}" if self.hosts > 1 else gpus


def find_machine(written: str | None, *, hosts: int = 1) -> Machine | None:
    """Return the machine that `--gpus` describes, else this one; None when there is no NVIDIA GPU.

    Raises WrongOption.
    """
    return parse_written(written, hosts=hosts) if written else parse_query(ask_driver(), hosts=hosts)


def parse_written(text: str, *, hosts: int = 1) -> Machine:
    """Read “2x80”: two GPUs of 80 GiB. Raises WrongOption."""
    match = WRITTEN.fullmatch(text)
    if not match or not int(match[1]) or not int(match[2]):
        raise WrongOption(f"--gpus is {text!r}: write how many and the GiB of each, such as 2x80.")
    return Machine(name="GPU", gpus=int(match[1]), memory=int(match[2]) * GIB, hosts=hosts)


def parse_query(output: str, *, hosts: int = 1) -> Machine | None:
    """Read what nvidia-smi prints: a name and MiB on each line. A GPU that does not tell its memory is left out."""
    rows = [line.rpartition(",") for line in output.splitlines()]
    found = [(name.strip(), int(memory)) for name, _, memory in rows if memory.strip().isdigit()]
    if not found:
        return None
    names = sorted({name for name, _ in found})
    return Machine(
        name=" / ".join(names),
        gpus=len(found),
        memory=min(memory for _, memory in found) * 2**20,
        hosts=hosts,
    )


def ask_driver() -> str:
    """Return what nvidia-smi says; empty where there is none or it fails."""
    try:
        return subprocess.run(QUERY, capture_output=True, text=True, timeout=SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
