"""The same templates in llama.cpp, whose Jinja is its own: a GGUF build of Hermes is served with them."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hermes_web.stack import engine
from inference.vllm.prompt_format import TEMPLATES
from tests.environment import free_port
from tests.site import answers, wait_until
from tests.vllm.chats import all_chats
from tests.vllm.rendering import Renderer
from tests.vllm.tiny_model import build
from tests.vllm.tiny_tokenizer import FORMATS


@pytest.fixture(scope="module", params=list(FORMATS))
def template(request: pytest.FixtureRequest) -> Path:
    return TEMPLATES / f"{request.param}.jinja"


@pytest.fixture(scope="module")
def renderer(template: Path, vllm_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Renderer]:
    folder = tmp_path_factory.mktemp("tokenizer")
    build(folder, FORMATS[template.stem])
    opened = Renderer(vllm_python, folder, template)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def address(template: Path) -> Iterator[str]:
    """llama.cpp's server with one of the templates; its model is only there to have one."""
    port = free_port()
    options = ("--host", "127.0.0.1", "--port", port, "--ctx-size", 512, "--parallel", 1, "--jinja")
    argv = (sys.executable, "-m", "inference.llama_cpp.server", "--model", engine.model_file(), "--alias", "any")
    process = subprocess.Popen([str(word) for word in (*argv, *options, "--chat-template-file", template)])
    try:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/health"), "llama.cpp")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def applied(address: str, asked: dict[str, Any]) -> str:
    request = urllib.request.Request(
        f"{address}/apply-template", data=json.dumps(asked).encode(), headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(json.load(answer)["prompt"])


def test_every_chat_is_the_same_in_llama_cpp(address: str, renderer: Renderer) -> None:
    for messages, choice, tools in all_chats():
        # It knows a thought apart by its older name only; our client sends it inside the content.
        named = [
            {"reasoning_content" if name == "reasoning" else name: value for name, value in message.items()}
            for message in messages
        ]
        asked = {"messages": named, "chat_template_kwargs": choice} | ({"tools": tools} if tools else {})
        expected = renderer.render(messages, tools, **choice)["text"]
        assert behind_bos(applied(address, asked)) == behind_bos(expected)


def behind_bos(text: str) -> str:
    """Return a prompt without its first token, which is the model's own."""
    first = "<|start_header_id|>"
    return text[text.index(first) :] if first in text else text
