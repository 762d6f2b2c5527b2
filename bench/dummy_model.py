"""A folder for a model of Hermes 4 14B's shape whose weights are random: a configuration and a tokenizer."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.vllm.tiny_tokenizer import CHATML, Vocabulary

SHAPE = Path(__file__).parents[1] / "tests" / "inference" / "vllm" / "shapes" / "14b.json"


def build(folder: Path) -> None:
    """Write the folder. Every token that the model can choose is in the tokenizer, and reads as text."""
    folder.mkdir(parents=True)
    shutil.copyfile(SHAPE, folder / "config.json")
    Vocabulary(CHATML, size=json.loads(SHAPE.read_text())["vocab_size"]).save(folder)
