"""What nvidia-smi prints, and what people write."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.vllm.errors import WrongOption
from inference.vllm.gpus import GIB, find_machine, parse_query, parse_written

TWO_H100 = "NVIDIA H100 80GB HBM3, 81559\nNVIDIA H100 80GB HBM3, 81559\n"
MIXED = "NVIDIA RTX 6000 Ada Generation, 49140\nNVIDIA GeForce RTX 4090, 24564\n"
UNIFIED = "NVIDIA GB10, [N/A]\n"


def test_the_drivers_lines_are_read() -> None:
    machine = parse_query(TWO_H100, hosts=2)
    assert machine
    assert (machine.gpus, machine.hosts, round(machine.memory / GIB, 1)) == (2, 2, 79.6)
    assert machine.title == "2 hosts of 2 × NVIDIA H100 80GB HBM3 with 80 GiB"


def test_of_different_gpus_the_smallest_counts() -> None:
    machine = parse_query(MIXED)
    assert machine
    assert (machine.gpus, machine.memory) == (2, 24564 * 2**20)
    assert machine.name == "NVIDIA GeForce RTX 4090 / NVIDIA RTX 6000 Ada Generation"


@pytest.mark.parametrize("output", ["", "\n", UNIFIED, "No devices were found\n", "Failed to initialize NVML: 999\n"])
def test_where_no_memory_is_told_there_is_no_machine(output: str) -> None:
    assert parse_query(output) is None


def test_a_machine_can_be_written() -> None:
    machine = parse_written("2x80")
    assert (machine.gpus, machine.memory) == (2, 80 * GIB)


@pytest.mark.parametrize("text", ["80", "2x", "x80", "0x80", "2x0", "2 x 80", "2x80GB", "-1x80"])
def test_a_machine_that_is_written_wrongly_is_refused(text: str) -> None:
    with pytest.raises(WrongOption, match="such as 2x80"):
        parse_written(text)


@pytest.mark.parametrize(
    ("script", "gpus"),
    [("echo 'NVIDIA L4, 23034'", 1), ("echo 'no driver' >&2; exit 9", None)],
)
def test_the_driver_is_asked(script: str, gpus: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = tmp_path / "nvidia-smi"
    stand_in.write_text(f"#!/bin/sh\n{script}\n")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    machine = find_machine(None)
    assert (machine.gpus if machine else None) == gpus


def test_without_a_driver_there_is_no_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_machine(None) is None
