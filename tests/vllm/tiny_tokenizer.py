"""A byte-level tokenizer with Hermes' tokens, written down and not trained."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.vllm.scripts import RESUMED, SCRIPTS

TAGS = ("<think>", "</think>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>")
# So that a prompt is a few hundred tokens and not thousands.
WORDS = """
    a all are and answer call chains consider correct created deep each enclose extremely for from
    function help inside internal is json long may monologue name object of one or problem process
    reasoning should solution systematic tags that the then think thinking thought thoughts to tool use
    user via with within you your
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A prompt format's tokens. Whether tags are special ones differs from tokenizer to tokenizer."""

    name: str
    controls: tuple[str, ...]
    bos: str | None
    end_of_turn: str
    tags_are_special: bool


LLAMA3 = Format(
    name="llama3",
    controls=("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
    bos="<|begin_of_text|>",
    end_of_turn="<|eot_id|>",
    tags_are_special=True,
)
CHATML = Format(
    name="chatml",
    controls=("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
    bos=None,
    end_of_turn="<|im_end|>",
    tags_are_special=False,
)
FORMATS = {one.name: one for one in (LLAMA3, CHATML)}


class Vocabulary:
    """Token ids: bytes, words, the pieces of the scripts, then what is matched before all else.

    One of a larger `size` has words that are read by no prompt: a model with random weights says them.
    """

    def __init__(self, prompt_format: Format, *, size: int = 0) -> None:
        self.format = prompt_format
        self.merges: list[tuple[str, str]] = []
        added = [*prompt_format.controls, *TAGS, *(script.prompt for script in SCRIPTS)]
        plain = [
            *_spelled().values(),
            *self._words(),
            *(_encoded(piece) for piece in _pieces() if piece not in added),
        ]
        self.plain = {token: number for number, token in enumerate(dict.fromkeys(plain))}
        for number in range(len(self.plain), size - len(added)):
            self.plain[_encoded(f" word{number}")] = number
        self.added = {token: len(self.plain) + number for number, token in enumerate(added)}

    def __len__(self) -> int:
        return len(self.plain) + len(self.added)

    def id_of(self, piece: str) -> int:
        """Return the id of a piece of a script, a tag or a control token."""
        return self.added[piece] if piece in self.added else self.plain[_encoded(piece)]

    def save(self, folder: Path) -> None:
        """Write the tokenizer's files."""
        _write(folder / "tokenizer.json", self._tokenizer())
        _write(
            folder / "tokenizer_config.json",
            {
                "tokenizer_class": "PreTrainedTokenizerFast",
                "bos_token": self.format.bos,
                "eos_token": self.format.end_of_turn,
                "pad_token": self.format.controls[1],
                "clean_up_tokenization_spaces": False,
            },
        )

    def _words(self) -> list[str]:
        """Return the tokens on the way to each word, and note the merges that make them."""
        tokens = {}
        for word in WORDS.split():
            for end in range(1, len(word) + 1):
                left, right = "Ġ" + word[: end - 1], word[end - 1]
                tokens[left + right] = (left, right)
        self.merges = list(tokens.values())
        return list(tokens)

    def _tokenizer(self) -> dict[str, Any]:
        bytes_as_text = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
        return {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [self._added(token, number) for token, number in self.added.items()],
            "normalizer": None,
            "pre_tokenizer": bytes_as_text,
            "post_processor": None,
            "decoder": bytes_as_text,
            "model": {
                "type": "BPE",
                "dropout": None,
                "unk_token": None,
                "continuing_subword_prefix": None,
                "end_of_word_suffix": None,
                "fuse_unk": False,
                "byte_fallback": False,
                "ignore_merges": False,
                "vocab": self.plain,
                "merges": self.merges,
            },
        }

    def _added(self, token: str, number: int) -> dict[str, Any]:
        special = token in self.format.controls or (token in TAGS and self.format.tags_are_special)
        flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
        return {"id": number, "content": token, "special": special, **flags}


def _pieces() -> list[str]:
    said = [piece for script in SCRIPTS for piece in (*script.pieces, *script.forced)]
    return [*said, *RESUMED]


def _spelled() -> dict[int, str]:
    """Return the letter that stands for each byte in a byte-level vocabulary: visible ones for themselves."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in visible]
    return {byte: chr(byte) for byte in visible} | {byte: chr(256 + at) for at, byte in enumerate(hidden)}


def _encoded(text: str) -> str:
    letters = _spelled()
    return "".join(letters[byte] for byte in text.encode())


def _write(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False))
