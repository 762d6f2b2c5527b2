"""The parser by itself, in vLLM's interpreter."""

from __future__ import annotations

import subprocess
from pathlib import Path

from inference.vllm.launch import PLUGIN

SPLITS = Path(__file__).parent / "parser_splits.py"


def test_no_cut_of_the_text_moves_anything(vllm_python: Path) -> None:
    done = subprocess.run([vllm_python, SPLITS, PLUGIN], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    *wrong, count = done.stdout.splitlines()
    assert wrong == []
    assert int(count) > 1000
