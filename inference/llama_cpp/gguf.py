"""Read what a GGUF file's header says of the model: its architecture, shape, context and tokens."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from inference.vllm.errors import UnfitModel
from inference.vllm.shapes import Shape

MAGIC = b"GGUF"
STRING, ARRAY = 8, 9
# Where it is missing, the embedding serves as the head.
HEAD = "output.weight"
# The format's number types, by their number.
NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
# Far above any model's; a broken file must not make us read for ever.
MOST_ENTRIES, LONGEST = 10_000, 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What decides how a file is served."""

    architecture: str
    shape: Shape
    context: int
    tokens: frozenset[str]


def read_header(path: Path) -> Header:
    """Read a file's header; raises UnfitModel."""
    try:
        with path.open("rb") as file:
            tensors, entries = _entries(file)
            names = {_tensor(file) for _ in range(tensors)}
        return _header(entries, tied=HEAD not in names)
    except (OSError, struct.error, KeyError, TypeError, ValueError) as error:
        raise UnfitModel(f"{path} is not a whole GGUF file of a chat model: download it again.") from error


def _header(entries: Mapping[str, Any], *, tied: bool) -> Header:
    architecture = str(entries["general.architecture"])

    def number(name: str) -> int:
        return int(entries[f"{architecture}.{name}"])

    tokens = entries["tokenizer.ggml.tokens"]
    hidden, heads = number("embedding_length"), number("attention.head_count")
    shape = Shape(
        layers=number("block_count"),
        hidden=hidden,
        heads=heads,
        kv_heads=int(entries.get(f"{architecture}.attention.head_count_kv", heads)),
        head_dim=int(entries.get(f"{architecture}.attention.key_length", hidden // heads)),
        intermediate=number("feed_forward_length"),
        vocabulary=len(tokens),
        tied=tied,
    )
    return Header(architecture=architecture, shape=shape, context=number("context_length"), tokens=frozenset(tokens))


def _entries(file: BinaryIO) -> tuple[int, dict[str, Any]]:
    """Return how many tensors are described after the entries, and the entries."""
    if file.read(4) != MAGIC:
        raise ValueError("no GGUF")
    _version, tensors, count = struct.unpack("<IQQ", file.read(20))
    if max(tensors, count) > MOST_ENTRIES:
        raise ValueError("too many entries")
    return tensors, {_string(file): _value(file, _number(file, "I")) for _ in range(count)}


def _tensor(file: BinaryIO) -> str:
    """Read one tensor's description and return its name."""
    name, dimensions = _string(file), _number(file, "I")
    # Its sizes, its type, and where it begins.
    file.read(8 * dimensions + 4 + 8)
    return name


def _value(file: BinaryIO, kind: int) -> Any:
    if kind == STRING:
        return _string(file)
    if kind == ARRAY:
        return _array(file)
    return _number(file, NUMBERS[kind])


def _array(file: BinaryIO) -> list[Any]:
    kind, count = _number(file, "I"), _length(file)
    if kind == STRING:
        return [_string(file) for _ in range(count)]
    items = struct.Struct(f"<{count}{NUMBERS[kind]}")
    return list(items.unpack(file.read(items.size)))


def _string(file: BinaryIO) -> str:
    return file.read(_length(file)).decode("utf-8", "replace")


def _length(file: BinaryIO) -> int:
    length = _number(file, "Q")
    if length > LONGEST:
        raise ValueError("too long")
    return int(length)


def _number(file: BinaryIO, letter: str) -> Any:
    packed = struct.Struct(f"<{letter}")
    return packed.unpack(file.read(packed.size))[0]
