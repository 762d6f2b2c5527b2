"""Model folders as a download leaves them, without the weights; and GGUF files' headers."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SHAPES = Path(__file__).parent / "shapes"
SIZES = ("14b", "36b", "70b", "405b")
CHATML = ("<|im_start|>", "<|im_end|>")
LLAMA3 = ("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")
THINK = ("<think>", "</think>")
TOKENS = {"14b": (*CHATML, *THINK), "36b": (*LLAMA3, *THINK), "70b": (*LLAMA3, *THINK), "405b": (*LLAMA3, *THINK)}
QUANTIZATIONS: Mapping[str, Mapping[str, Any] | None] = {
    "bf16": None,
    "fp8": {
        "quant_method": "compressed-tensors",
        "config_groups": {"group_0": {"weights": {"num_bits": 8, "type": "float"}}},
    },
    "awq": {"quant_method": "awq", "bits": 4, "group_size": 128},
}


def config_of(size: str) -> dict[str, Any]:
    """Return a size's config.json."""
    config: dict[str, Any] = json.loads((SHAPES / f"{size}.json").read_text())
    return config


def model_folder(
    path: Path,
    size: str = "70b",
    *,
    quantization: Mapping[str, Any] | None = None,
    tokens: Sequence[str] | None = None,
    **changes: Any,
) -> Path:
    """Write the files that decide how a model is served."""
    path.mkdir(parents=True)
    config = {**config_of(size), **changes}
    if quantization:
        config["quantization_config"] = quantization
    (path / "config.json").write_text(json.dumps(config))
    added = [{"id": number, "content": text} for number, text in enumerate(tokens or TOKENS[size])]
    (path / "tokenizer.json").write_text(json.dumps({"added_tokens": added, "model": {"vocab": {"a": 99}}}))
    return path


def gguf_file(path: Path, tokens: Sequence[str], *, tied: bool = False, **changes: int) -> Path:
    """Write a GGUF file that ends after its header, by the format's description."""
    numbers = {
        "llama.context_length": 131072,
        "llama.embedding_length": 8192,
        "llama.block_count": 80,
        "llama.feed_forward_length": 28672,
        "llama.attention.head_count": 64,
        "llama.attention.head_count_kv": 8,
        **changes,
    }
    entries = [_text("general.architecture") + struct.pack("<I", 8) + _text("llama")]
    entries += [_text(name) + struct.pack("<II", 4, value) for name, value in numbers.items()]
    entries.append(_text("tokenizer.ggml.scores") + struct.pack("<IIQ2f", 9, 6, 2, 0.5, 1.5))
    words = b"".join(map(_text, tokens))
    entries.append(_text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, len(tokens)) + words)
    names = ["token_embd.weight"] if tied else ["token_embd.weight", "output.weight"]
    tensors = [_text(name) + struct.pack("<IQQIQ", 2, 8192, 128256, 0, 0) for name in names]
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(entries))
    path.write_bytes(b"".join([head, *entries, *tensors]))
    return path


def _text(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack("<Q", len(encoded)) + encoded
