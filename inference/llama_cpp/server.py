"""llama.cpp's server inside a process of ours, for where only the package xllamacpp is installed.

It takes those options of `llama-server` that `inference.llama_cpp.launch` writes.
"""

from __future__ import annotations

import os
import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

import xllamacpp

# Those that an operator may add.
TUNING = ("--threads", "--n-gpu-layers", "--batch-size", "--ubatch-size")


def serve(parameters: xllamacpp.CommonParams, ready: Callable[[str], object]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is told the address. Does not return."""
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    server = xllamacpp.Server(parameters)
    ready(server.listening_address)
    signal.sigwait(signals)
    # llama.cpp's threads do not always let the interpreter end; the kernel has nothing to save here.
    signal.raise_signal(signal.SIGKILL)


def parameters(options: Namespace, key: str) -> xllamacpp.CommonParams:
    """Return the server's settings."""
    wanted = xllamacpp.CommonParams()
    wanted.model.path = options.model
    wanted.model_alias = {options.alias}
    wanted.hostnames = [options.host]
    wanted.port = options.port
    wanted.n_ctx = options.ctx_size
    wanted.n_parallel = options.parallel
    wanted.use_jinja = True
    wanted.chat_template = Path(options.chat_template_file).read_text(encoding="utf-8")
    wanted.reasoning_format = xllamacpp.common_reasoning_format.COMMON_REASONING_FORMAT_NONE
    wanted.endpoint_metrics = True
    wanted.endpoint_props = False
    wanted.ui = False
    wanted.verbosity = 1
    wanted.api_keys = [key] if key else []
    return _tuned(wanted, options)


def _tuned(wanted: xllamacpp.CommonParams, options: Namespace) -> xllamacpp.CommonParams:
    if options.threads:
        wanted.cpuparams.n_threads = options.threads
    if options.n_gpu_layers is not None:
        wanted.n_gpu_layers = options.n_gpu_layers
    wanted.n_batch = options.batch_size or wanted.n_batch
    wanted.n_ubatch = options.ubatch_size or wanted.n_ubatch
    return wanted


def read_options(words: list[str]) -> Namespace:
    """Read the options of llama-server that we know; ends the process at others."""
    parser = ArgumentParser("inference.llama_cpp.server", allow_abbrev=False)
    for name in ("--model", "--alias", "--host", "--chat-template-file"):
        parser.add_argument(name, required=True)
    for name in ("--port", "--ctx-size", "--parallel"):
        parser.add_argument(name, type=int, required=True)
    for name in TUNING:
        parser.add_argument(name, type=int)
    # What these ask for is how this server is anyway.
    parser.add_argument("--reasoning-format", choices=["none"])
    for name in ("--jinja", "--metrics", "--no-webui"):
        parser.add_argument(name, action="store_true")
    return parser.parse_args(words)


def _announce(address: str) -> None:
    sys.stdout.write(f"The model answers on {address}.\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve(parameters(read_options(sys.argv[1:]), os.environ.get("LLAMA_API_KEY", "")), _announce)
