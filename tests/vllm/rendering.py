"""What transformers itself makes of a chat, in a process that has it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PROGRAM = """
import json, sys
from transformers import AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
template = open(sys.argv[2]).read()
for line in sys.stdin:
    case = {**json.loads(line), "chat_template": template}
    text = tokenizer.apply_chat_template(tokenize=False, **case)
    ids = tokenizer.apply_chat_template(tokenize=True, return_dict=False, **case)
    print(json.dumps({"text": text, "ids": ids, "tokens": tokenizer.convert_ids_to_tokens(ids)}), flush=True)
"""


class Renderer:
    """A tokenizer and a template, asked line by line."""

    def __init__(self, python: Path, folder: Path, template: Path) -> None:
        self._process = subprocess.Popen(
            [python, "-c", PROGRAM, folder, template], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def render(
        self, messages: Sequence[dict[str, Any]], tools: Sequence[dict[str, Any]] = (), **choices: Any
    ) -> dict[str, Any]:
        """Return `text`, `ids` and `tokens` of a chat."""
        case = {"conversation": messages, "tools": tools or None, "add_generation_prompt": True, **choices}
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(case) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "The template failed; its error is in the captured output."
        return dict(json.loads(answer))

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
