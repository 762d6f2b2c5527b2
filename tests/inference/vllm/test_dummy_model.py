"""The folder that `python -m bench vllm` serves on a GPU: what the engine reads before it makes up the weights."""

from __future__ import annotations

import json
from pathlib import Path

from bench.dummy_model import build
from inference.engine import PromptFormat
from inference.vllm.model import find_models
from inference.vllm.shapes import Precision


def test_it_is_a_14b_whose_every_token_is_text(tmp_path: Path) -> None:
    build(tmp_path / "chatml")
    tokenizer = json.loads((tmp_path / "chatml" / "tokenizer.json").read_text())
    ids = [*tokenizer["model"]["vocab"].values(), *(token["id"] for token in tokenizer["added_tokens"])]
    assert sorted(ids) == list(range(151_936))
    (found,) = find_models(str(tmp_path / "chatml"))
    assert (found.prompt_format, found.precision) == (PromptFormat.CHATML, Precision.BF16)
    assert 29e9 < found.weights < 30e9
