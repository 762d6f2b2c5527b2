from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.vllm import environment
from tests.vllm.server import VllmServer
from tests.vllm.tiny_model import build
from tests.vllm.tiny_tokenizer import FORMATS


@pytest.fixture(scope="session")
def vllm_python() -> Path:
    """An interpreter that has vLLM; `make test-vllm` has built it."""
    chosen = os.environ.get("TEST_VLLM_PYTHON")
    return Path(chosen) if chosen else environment.python()


@pytest.fixture(scope="session")
def vllm_server(vllm_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], VllmServer]]:
    """The real server with a tiny model of a prompt format, `llama3` or `chatml`: started once, when first wanted."""
    started: dict[str, VllmServer] = {}

    def serve(name: str) -> VllmServer:
        if name not in started:
            folder = tmp_path_factory.mktemp("vllm")
            build(folder / name, FORMATS[name])
            started[name] = VllmServer(vllm_python, folder / name, folder / "vllm.log")
            started[name].start()
        return started[name]

    try:
        yield serve
    finally:
        for server in started.values():
            server.kill()


@pytest.fixture(scope="session", params=list(FORMATS))
def vllm(request: pytest.FixtureRequest, vllm_server: Callable[[str], VllmServer]) -> VllmServer:
    """Both formats, one after the other."""
    return vllm_server(request.param)
