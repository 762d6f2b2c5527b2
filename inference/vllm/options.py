"""What an operator asks for when a model is to be served, checked."""

from __future__ import annotations

from dataclasses import dataclass

from inference.engine import PromptFormat
from inference.vllm.errors import WrongOption
from inference.vllm.launch import MAX_QUEUE, Cluster
from inference.vllm.plan import FRACTION, Wish
from inference.vllm.shapes import Precision


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Everything but the model is left to us when it is None. `extra` is for the engine as it stands."""

    model: str
    precision: Precision | None = None
    prompt_format: PromptFormat | None = None
    gpus: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    name: str | None = None
    context: int | None = None
    tensor_parallel: int | None = None
    pipeline_parallel: int | None = None
    nodes: int = 1
    node_rank: int | None = None
    master: tuple[str, int | None] | None = None
    ray: bool = False
    max_streams: int | None = None
    max_queue: int = MAX_QUEUE
    gpu_memory: float | None = None
    kv_cache: str | None = None
    dummy_weights: bool = False
    eager: bool = False
    python: str | None = None
    extra: tuple[str, ...] = ()

    @property
    def wish(self) -> Wish:
        """What is decided already of how the model is spread."""
        return Wish(
            context=self.context,
            tensor_parallel=self.tensor_parallel,
            pipeline_parallel=self.pipeline_parallel,
            fraction=self.gpu_memory or FRACTION,
            kv_bytes=1 if self.kv_cache == "fp8" else 2,
        )

    @property
    def cluster(self) -> Cluster | None:
        """The hosts that share the model without Ray. Raises WrongOption."""
        if self.ray or self.nodes == 1:
            self._check_placeless()
            return None
        if self.node_rank is None or self.master is None:
            raise WrongOption(
                f"With --nodes {self.nodes} each host must know its place: add --node-rank (0 on the first host) and "
                "--master with the first host's private address, or --ray where a Ray cluster runs."
            )
        if not 0 <= self.node_rank < self.nodes:
            raise WrongOption(
                f"--node-rank {self.node_rank}: with --nodes {self.nodes} it is between 0 and {self.nodes - 1}."
            )
        return Cluster(nodes=self.nodes, rank=self.node_rank, master=self.master[0], port=self.master[1])

    def check(self) -> None:
        """Raise WrongOption for a number that cannot be meant."""
        _between("--port", self.port, 1, 65_535)
        _between("--nodes", self.nodes, 1, 64)
        _between("--max-queue", self.max_queue, 1, 100_000)
        _between("--max-streams", self.max_streams, 1, 4_096)
        _between("--context", self.context, 1, 10_000_000)
        _between("--tensor-parallel", self.tensor_parallel, 1, 64)
        _between("--pipeline-parallel", self.pipeline_parallel, 1, 64)
        _between("--gpu-memory", self.gpu_memory, 0.05, 0.99)

    def _check_placeless(self) -> None:
        if self.node_rank is None and self.master is None:
            return
        if self.ray:
            raise WrongOption("A Ray cluster knows its hosts: leave --node-rank and --master out, or --ray.")
        raise WrongOption("--node-rank and --master are for several hosts: add --nodes, or leave them out.")


def _between(name: str, value: float | None, least: float, most: float) -> None:
    if value is not None and not least <= value <= most:
        raise WrongOption(f"{name} is {value}: it must be between {least:,} and {most:,}.")
