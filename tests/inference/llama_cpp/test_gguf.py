"""Headers of GGUF files: a real one, made ones, and broken ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hermes_web.stack.engine import model_file
from inference.llama_cpp.gguf import read_header
from inference.vllm.errors import UnfitModel
from tests.inference.vllm.folders import gguf_file


def test_the_packaged_model_tells_its_shape() -> None:
    header = read_header(model_file())
    assert (header.architecture, header.context) == ("llama", 8192)
    assert header.shape.parameters == pytest.approx(134.5e6, rel=0.01)
    assert {"<|im_start|>", "<|im_end|>"} <= header.tokens


def test_a_head_of_its_own_is_counted(tmp_path: Path) -> None:
    own = read_header(gguf_file(tmp_path / "own.gguf", ["<think>"])).shape
    tied = read_header(gguf_file(tmp_path / "tied.gguf", ["<think>"], tied=True)).shape
    assert (own.tied, tied.tied) == (False, True)
    assert own.kv_per_token() == 320 * 1024


@given(st.data())
def test_a_file_that_ends_anywhere_is_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = gguf_file(tmp_path_factory.mktemp("gguf") / "m.gguf", ["<think>", "</think>"])
    whole = path.read_bytes()
    # The last tensor's place is of no use to us.
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 40))])
    with pytest.raises(UnfitModel, match="not a whole GGUF file"):
        read_header(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"GGUF" + b"\xff" * 20, b"GGUF" + b"\xff" * 4000])
def test_what_is_no_gguf_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(content)
    with pytest.raises(UnfitModel, match="not a whole GGUF file"):
        read_header(tmp_path / "m.gguf")
