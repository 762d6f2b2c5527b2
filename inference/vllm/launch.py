"""The command that serves Hermes 4 with vLLM: every flag, in one place.

Only the standard library and this package's own modules: it also runs inside vLLM's container image.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from inference.vllm.command import Command
from inference.vllm.model import Model
from inference.vllm.prompt_format import template

PLUGIN = Path(__file__).resolve().parent / "hermes4.py"
# Hermes 4's card: these work well. A request's own values win.
SAMPLING = {"temperature": 0.6, "top_p": 0.95, "top_k": 20}
# Without the second, models loop on white space inside JSON until their tokens are used up.
STRUCTURED = {"backend": "xgrammar", "disable_any_whitespace": True}
# One answer for one request; no telemetry; none of the doors for developers, whatever our caller's environment says.
ENVIRONMENT = MappingProxyType(
    {
        "VLLM_MAX_N_SEQUENCES": "1",
        "VLLM_NO_USAGE_STATS": "1",
        "DO_NOT_TRACK": "1",
        "VLLM_SERVER_DEV_MODE": "0",
        "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "0",
    }
)
OFFLINE = MappingProxyType({"HF_HUB_OFFLINE": "1"})
MAX_STREAMS, MAX_QUEUE = 256, 256
ALWAYS = (
    *("--enable-auto-tool-choice", "--tool-call-parser", "hermes", "--tool-strict-level", "parameter"),
    *("--structured-outputs-config", json.dumps(STRUCTURED)),
    *("--override-generation-config", json.dumps(SAMPLING)),
    *("--scheduling-policy", "priority", "--enable-prefix-caching"),
    *("--enable-prompt-tokens-details", "--enable-force-include-usage", "--enable-request-id-headers"),
    *("--sse-keep-alive-interval", "15", "--disable-fastapi-docs", "--shutdown-timeout", "30"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Several hosts with one model, and which of them this is. With Ray its own cluster knows them."""

    nodes: int
    rank: int
    master: str
    port: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How to serve a model."""

    host: str = "127.0.0.1"
    port: int = 8000
    context: int
    name: str
    tensor_parallel: int = 1
    pipeline_parallel: int = 1
    cluster: Cluster | None = None
    ray: bool = False
    max_streams: int = MAX_STREAMS
    max_queue: int = MAX_QUEUE
    gpu_memory: float | None = None
    kv_cache: str | None = None
    dummy_weights: bool = False
    eager: bool = False
    extra: tuple[str, ...] = ()


def vllm_command(program: tuple[str, ...], model: Model, launch: Launch) -> Command:
    """Return the command; `program` is what begins it, the model left out."""
    # The modules' own entry takes the model as an option, the `vllm serve` command by its place.
    source = (model.source,) if program[-1] == "serve" else ("--model", model.source)
    argv = (*program, *source, *_serving(launch), *_spread(launch), *_speaking(model), *ALWAYS, *launch.extra)
    return Command(argv=argv, environment=_environment(model))


def _environment(model: Model) -> Mapping[str, str]:
    return {**ENVIRONMENT, **OFFLINE} if model.is_local else ENVIRONMENT


def _serving(launch: Launch) -> Iterator[str]:
    yield from ("--host", launch.host, "--port", str(launch.port), "--served-model-name", launch.name)
    yield from ("--max-model-len", str(launch.context))
    # The engine counts those that it answers among those that are queued.
    unfinished = launch.max_streams + launch.max_queue
    yield from ("--max-num-seqs", str(launch.max_streams), "--max-num-queued-reqs", str(unfinished))
    if launch.gpu_memory is not None:
        yield from ("--gpu-memory-utilization", str(launch.gpu_memory))
    if launch.kv_cache:
        yield from ("--kv-cache-dtype", launch.kv_cache)
    if launch.dummy_weights:
        yield from ("--load-format", "dummy")
    if launch.eager:
        yield "--enforce-eager"


def _spread(launch: Launch) -> Iterator[str]:
    yield from ("--tensor-parallel-size", str(launch.tensor_parallel))
    if launch.pipeline_parallel > 1:
        yield from ("--pipeline-parallel-size", str(launch.pipeline_parallel))
    if launch.ray:
        yield from ("--distributed-executor-backend", "ray")
    if launch.cluster:
        yield from _placed(launch.cluster)


def _placed(cluster: Cluster) -> Iterator[str]:
    yield from ("--nnodes", str(cluster.nodes), "--node-rank", str(cluster.rank), "--master-addr", cluster.master)
    if cluster.port:
        yield from ("--master-port", str(cluster.port))
    if cluster.rank:
        # Only the first host answers requests.
        yield "--headless"


def _speaking(model: Model) -> Iterator[str]:
    yield from ("--chat-template", str(template(model.prompt_format)))
    yield from ("--default-chat-template-kwargs", json.dumps({"thinking": False}))
    yield from ("--reasoning-parser-plugin", str(PLUGIN), "--reasoning-parser", "hermes4")
