"""The real server with a tiny model: start it, ask what it measures, kill it."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from inference.engine import Capabilities, Engine, Kind, PromptFormat
from tests.environment import free_port
from tests.site import wait_until
from tests.vllm.environment import uses_gpu
from tests.vllm.tiny_model import CONTEXT

# Small, so that a test can fill both.
STREAMS, QUEUE = 4, 4
START_SECONDS = 300
# The tiny model's attention counts tokens exactly: 16 bits, or Triton's own 19 of 32, cannot tell neighbours apart.
EXACT = ("--dtype", "float32")
# The first is in GiB: the model needs a few MiB of it.
ENVIRONMENT = {"VLLM_CPU_KVCACHE_SPACE": "1", "TRITON_F32_DEFAULT": "ieee"}
# Room for two servers beside each other, and for one that a test has just killed.
SHARE_OF_GPU = ("--gpu-memory", "0.2")
ROOT = Path(__file__).parents[2]


class VllmServer:
    """vLLM on this machine, as `serve_model` launches it. `base_url` ends in /v1.

    Without `options` it is launched for the tiny model. On a GPU that is untried: FlashAttention takes no 32 bits,
    and so vLLM should choose its Triton backend by itself, which is told to count as exactly as the processor does.
    """

    def __init__(
        self,
        python: Path,
        folder: Path,
        log: Path,
        *,
        streams: int = STREAMS,
        queue: int = QUEUE,
        options: Sequence[str] | None = None,
    ) -> None:
        self.python, self.folder, self.log = python, folder, log
        self.streams, self.queue = streams, queue
        self.options = for_tiny_model(python) if options is None else options
        self.port = free_port()
        self.root_url = f"http://127.0.0.1:{self.port}"
        self.base_url = f"{self.root_url}/v1"
        self.api_key = secrets.token_hex(16)
        self.model = folder.name
        self.prompt_format = PromptFormat(folder.name)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def engine(self) -> Engine:
        """It, as the product's client knows it."""
        return Engine(
            base_url=self.base_url,
            model=self.model,
            api_key=self.api_key,
            kind=Kind.VLLM,
            context_length=CONTEXT,
            streams=self.streams,
            prompt_format=self.prompt_format,
            capabilities=Capabilities(
                reasoning=True, tools=True, schema=True, budget=True, prefill=True, priority=True
            ),
        )

    def start(self, *, seconds: float = START_SECONDS) -> None:
        """Start it and wait until it serves; on the same address each time."""
        place = ("--python", self.python, "--port", self.port)
        limits = ("--max-streams", self.streams, "--max-queue", self.queue)
        argv = [sys.executable, "manage.py", "serve_model", self.folder, *place, *limits, *self.options]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(word) for word in argv],
                env={**os.environ, "HERMES_ENGINE_API_KEY": self.api_key, **ENVIRONMENT},
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                start_new_session=True,
            )
        wait_until(self._serves, f"vLLM with {self.model}", seconds=seconds)

    def kill(self) -> None:
        """End it at once with everything that it has started, as a crash would."""
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def metric(self, name: str) -> float:
        """Return one of its own numbers, added up over its labels."""
        with urllib.request.urlopen(f"{self.root_url}/metrics", timeout=30) as answer:
            text = answer.read().decode()
        return sum(float(value) for value in re.findall(rf"^vllm:{name}(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE))

    def wait_idle(self) -> None:
        """Wait until it answers nobody and nobody waits."""
        wait_until(lambda: self.running() + self.waiting() == 0, "the engine's rest", seconds=60)

    def running(self) -> float:
        return self.metric("num_requests_running")

    def waiting(self) -> float:
        return self.metric("num_requests_waiting")

    def _serves(self) -> bool:
        if self._process and self._process.poll() is not None:
            raise AssertionError(f"vLLM ended while it was starting:\n{self.tail()}")
        try:
            with urllib.request.urlopen(f"{self.root_url}/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def tail(self) -> str:
        """Return the end of its log."""
        return self.log.read_text(errors="replace")[-4000:]


def for_tiny_model(python: Path) -> tuple[str, ...]:
    """Return the options that make vLLM run the tiny model exactly, and leave room beside it."""
    return (*(SHARE_OF_GPU if uses_gpu(python) else ()), "--eager", "--", *EXACT)
