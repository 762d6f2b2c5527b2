"""The tiny model's files: what is asked for is what the weights say, before any engine runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.vllm.scripts import SCRIPTS, Script
from tests.vllm.tiny_model import build
from tests.vllm.tiny_tokenizer import FORMATS, Vocabulary


@pytest.mark.parametrize("name", list(FORMATS))
def test_a_model_is_what_an_engine_reads(name: str, tmp_path: Path) -> None:
    build(tmp_path, FORMATS[name])
    tokenizer = json.loads((tmp_path / "tokenizer.json").read_text())
    ids = [*tokenizer["model"]["vocab"].values(), *(token["id"] for token in tokenizer["added_tokens"])]
    assert sorted(ids) == list(range(len(Vocabulary(FORMATS[name]))))
    assert json.loads((tmp_path / "config.json").read_text())["vocab_size"] == len(ids)


def test_a_script_with_two_ways_on_is_refused() -> None:
    assert all(script.successors() for script in SCRIPTS)
    with pytest.raises(ValueError, match="two successors"):
        Script(name="torn", pieces=("a", "b", "a", "c")).successors()
