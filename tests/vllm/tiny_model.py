"""A model that says what it is told: weights set by hand, run by the real engine.

The residual stream holds one place per token, one per script, and a one. The only attention head looks for the script
that was named last: its query is the one, its keys are the tokens that name a script, and the slowest pair of the
rotary embedding makes a nearer name weigh more. The output layer then adds up two things: what may follow the last
token, and what belongs to the script. Everything else is zero.

Without a named script it is as hybrid as Hermes: it thinks where the prompt holds a live <think>, and else answers.
"""

from __future__ import annotations

import json
import math
import struct
import sys
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.vllm.scripts import DIRECT, RESULT, RESUMED, SCRIPTS, THINK, THINKING, THOUGHT, TOOL_ANSWER, Script
from tests.vllm.tiny_tokenizer import CHATML, FORMATS, Format, Vocabulary

WIDTH = 1024
HEAD = 64
HEADS = 2
CONTEXT = 16384
# The slowest pair turns by 1.2 over the whole context, so that its cosine falls all the way and stays above zero.
SLOWEST = 1.2 / CONTEXT
ROPE_BASE = SLOWEST ** (-HEAD / (HEAD - 2))
PHASE = 0.2
# Large enough to tell two names eight tokens apart.
SHARPNESS = 80_000.0
# How much a live <think> weighs beside a named script, however near or far.
WEAK = 0.05
SLOW = (HEAD // 2 - 1, HEAD - 1)
# What may follow the last token outweighs what belongs to the script. A script's own beginning comes before what
# other scripts begin with, a known end before strangers, and what is not known at all goes on somehow.
FOLLOWS, BELONGS, BEGINS, ENDS, RESUMES, PREFERRED = 10.0, 5.0, 6.0, 1.0, 7.0, 0.5
SCALE = 100.0
ONE = WIDTH - 1
EPSILON = 1e-6

Matrix = dict[tuple[int, int], float]
"""What is not zero: row and column."""


def build(folder: Path, prompt_format: Format) -> None:
    """Write the model's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = Vocabulary(prompt_format)
    vocabulary.save(folder)
    _write(folder / "config.json", _config(vocabulary))
    _write(folder / "generation_config.json", {"eos_token_id": vocabulary.id_of(prompt_format.end_of_turn)})
    _save(folder / "model.safetensors", dict(_tensors(vocabulary)))


def _config(vocabulary: Vocabulary) -> dict[str, Any]:
    is_chatml = vocabulary.format is CHATML
    bos = vocabulary.format.bos
    return {
        "architectures": ["Qwen3ForCausalLM" if is_chatml else "LlamaForCausalLM"],
        "model_type": "qwen3" if is_chatml else "llama",
        "torch_dtype": "float32",
        "hidden_size": WIDTH,
        "intermediate_size": HEAD,
        "num_hidden_layers": 1,
        "num_attention_heads": HEADS,
        "num_key_value_heads": HEADS,
        "head_dim": HEAD,
        "hidden_act": "silu",
        "max_position_embeddings": CONTEXT,
        "rms_norm_eps": EPSILON,
        "rope_theta": ROPE_BASE,
        "tie_word_embeddings": False,
        "attention_bias": False,
        "vocab_size": len(vocabulary),
        "bos_token_id": vocabulary.id_of(bos) if bos else None,
        "eos_token_id": vocabulary.id_of(vocabulary.format.end_of_turn),
    }


Tensor = tuple[tuple[int, ...], "array[float]"]


def _tensors(vocabulary: Vocabulary) -> Iterator[tuple[str, Tensor]]:
    size, layer, inner = len(vocabulary), "model.layers.0", HEADS * HEAD
    if size + len(SCRIPTS) >= ONE:
        raise ValueError("The vocabulary does not fit the model's width.")
    yield "model.embed_tokens.weight", _matrix(size, WIDTH, _embedding(size))
    yield f"{layer}.self_attn.q_proj.weight", _matrix(inner, WIDTH, _query(vocabulary.format))
    yield f"{layer}.self_attn.k_proj.weight", _matrix(inner, WIDTH, _keys(vocabulary))
    yield f"{layer}.self_attn.v_proj.weight", _matrix(inner, WIDTH, _values(vocabulary))
    yield f"{layer}.self_attn.o_proj.weight", _matrix(WIDTH, inner, _outputs(size))
    if vocabulary.format is CHATML:
        # Qwen3 brings every query and key to one length; ours is put back here.
        yield f"{layer}.self_attn.q_norm.weight", _vector(HEAD, SHARPNESS)
        yield f"{layer}.self_attn.k_norm.weight", _vector(HEAD, 1 / math.sqrt(HEAD))
    yield f"{layer}.mlp.gate_proj.weight", _matrix(HEAD, WIDTH, {})
    yield f"{layer}.mlp.up_proj.weight", _matrix(HEAD, WIDTH, {})
    yield f"{layer}.mlp.down_proj.weight", _matrix(WIDTH, HEAD, {})
    yield f"{layer}.input_layernorm.weight", _vector(WIDTH, math.sqrt(2 / WIDTH))
    yield f"{layer}.post_attention_layernorm.weight", _vector(WIDTH, 1.0)
    yield "model.norm.weight", _vector(WIDTH, math.sqrt(2 / WIDTH))
    yield "lm_head.weight", _matrix(size, WIDTH, _logits(vocabulary))


def _embedding(size: int) -> Matrix:
    return {(token, token): 1.0 for token in range(size)} | {(token, ONE): 1.0 for token in range(size)}


def _query(prompt_format: Format) -> Matrix:
    """One query for every place: the slowest pair, turned a little so that the cosine falls from the beginning."""
    length = 1.0 if prompt_format is CHATML else SHARPNESS * math.sqrt(HEAD)
    return {(SLOW[0], ONE): length * math.cos(PHASE), (SLOW[1], ONE): length * math.sin(PHASE)}


def _keys(vocabulary: Vocabulary) -> Matrix:
    """A key of length one for every token that names a script; most of the weak one's lies where no query looks."""
    keys = {(SLOW[0], token): 1.0 for token in _names(vocabulary)}
    weak = vocabulary.id_of(THINK)
    return keys | {(SLOW[0], weak): WEAK, (0, weak): math.sqrt(1 - WEAK**2)}


def _values(vocabulary: Vocabulary) -> Matrix:
    named = _names(vocabulary) | {vocabulary.id_of(THINK): THINKING}
    return {(SCRIPTS.index(script), token): 1.0 for token, script in named.items()}


def _outputs(size: int) -> Matrix:
    return {(size + place, place): 1.0 for place in range(len(SCRIPTS))}


def _names(vocabulary: Vocabulary) -> dict[int, Script]:
    """Return the tokens that name a script."""
    named = {vocabulary.id_of(script.prompt): script for script in SCRIPTS}
    return named | {vocabulary.id_of(RESULT): TOOL_ANSWER}


def _logits(vocabulary: Vocabulary) -> Matrix:
    end, size = vocabulary.id_of(vocabulary.format.end_of_turn), len(vocabulary)
    weights: Matrix = {(end, ONE): ENDS, (vocabulary.id_of(RESUMED[0]), ONE): RESUMES}
    header_end = vocabulary.id_of("\n")
    for place, script in enumerate(SCRIPTS):
        for piece, following in [("\n", script.pieces[0]), *script.successors().items()]:
            weights[vocabulary.id_of(following) if following else end, vocabulary.id_of(piece)] = FOLLOWS
        for piece in (*script.pieces, *script.forced):
            weights[vocabulary.id_of(piece), size + place] = BELONGS
        weights[vocabulary.id_of(script.pieces[0]), size + place] = BEGINS
    weights[vocabulary.id_of(DIRECT.pieces[0]), header_end] = FOLLOWS + PREFERRED
    first, last = map(vocabulary.id_of, RESUMED)
    weights |= {(vocabulary.id_of(THOUGHT), first): FOLLOWS, (last, first): FOLLOWS + PREFERRED, (end, last): FOLLOWS}
    return {place: weight * SCALE for place, weight in weights.items()}


def _matrix(rows: int, columns: int, places: Matrix) -> Tensor:
    values = array("f", bytes(4 * rows * columns))
    for (row, column), value in places.items():
        values[row * columns + column] = value
    return (rows, columns), values


def _vector(size: int, value: float) -> Tensor:
    return (size,), array("f", [value]) * size


def _save(path: Path, tensors: dict[str, Tensor]) -> None:
    """Write a safetensors file: the length of the header, the header, the values."""
    header: dict[str, Any] = {}
    end = 0
    for name, (shape, values) in tensors.items():
        begin, end = end, end + 4 * len(values)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, values in tensors.values():
            values.tofile(file)


def _write(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value))


if __name__ == "__main__":
    build(Path(sys.argv[1]), FORMATS[sys.argv[2]])
