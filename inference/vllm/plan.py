"""Whether a model fits some GPUs, how many chats have room beside it, and how to spread it.

All pure: shapes and machines come in, figures and sentences come out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from inference.vllm.errors import WillNotFit
from inference.vllm.gpus import GIB, Machine
from inference.vllm.model import Model
from inference.vllm.shapes import BYTES_BF16

# What vLLM takes of a GPU unless it is told otherwise.
FRACTION = 0.92
# Assumed for activations of a full batch, CUDA graphs and the driver, on each GPU.
RESERVE = 3 * GIB
DEFAULT_CONTEXT = 65_536
SMALLER_CONTEXTS = (32_768, 16_384, 8_192)
MOST_HOSTS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the operator has decided already; None leaves it to us."""

    context: int | None = None
    tensor_parallel: int | None = None
    pipeline_parallel: int | None = None
    fraction: float = FRACTION
    kv_bytes: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One model spread in one way over one machine."""

    model: Model
    machine: Machine
    tensor_parallel: int
    pipeline_parallel: int
    context: int
    fraction: float = FRACTION
    kv_bytes: int = 2

    @property
    def gpus(self) -> int:
        return self.tensor_parallel * self.pipeline_parallel

    @property
    def weights_per_gpu(self) -> int:
        """The fullest GPU's share: layers are dealt out whole to the pipeline's stages, the ends carry more."""
        shape = self.model.shape
        embeddings = round(shape.embeddings * BYTES_BF16)
        ends = embeddings if self.pipeline_parallel == 1 else embeddings // (1 if shape.tied else 2)
        layers = max(self.model.weights - embeddings, 0) * self._fullest_stage // shape.layers
        return (layers + ends) // self.tensor_parallel

    @property
    def kv_per_gpu(self) -> int:
        """Bytes of one token on one GPU: heads are shared out, and kept twice when there are more GPUs than heads."""
        shape = self.model.shape
        heads = max(shape.kv_heads // self.tensor_parallel, 1)
        whole = shape.kv_per_token(item=self.kv_bytes)
        return whole * heads * self._fullest_stage // (shape.kv_heads * shape.layers)

    @property
    def room_per_gpu(self) -> int:
        """Bytes that are left for the KV cache; below zero when the weights do not fit."""
        return int(self.machine.memory * self.fraction) - RESERVE - self.weights_per_gpu

    @property
    def tokens(self) -> int:
        """How many tokens the KV cache holds."""
        return max(self.room_per_gpu, 0) // self.kv_per_gpu

    @property
    def fits(self) -> bool:
        return self.tokens >= self.context

    def chats(self, length: int) -> int:
        """Return how many chats of a length in tokens run at once."""
        return self.tokens // length

    @property
    def _fullest_stage(self) -> int:
        return -(-self.model.shape.layers // self.pipeline_parallel)


def default_context(model: Model) -> int:
    """Return the context that is served when nobody asks for one: room for long thoughts."""
    return min(model.context, DEFAULT_CONTEXT)


def check_context(model: Model, wish: Wish) -> None:
    """Raise WillNotFit when more context is wished for than the model was made for."""
    if wish.context and wish.context > model.context:
        raise WillNotFit(
            f"{model.title} was made for {model.context:,} tokens: --context {wish.context:,} is more. "
            f"Choose {model.context} or less."
        )


def check_spread(model: Model, wish: Wish) -> None:
    """Raise WillNotFit when the model cannot be cut into that many parts."""
    shape, parts = model.shape, wish.tensor_parallel
    if parts and not _divides(model, parts):
        allowed = ", ".join(map(str, _divisions(model, 16)))
        raise WillNotFit(
            f"{model.title} has {shape.heads} attention heads and {shape.kv_heads} KV heads, which cannot be shared "
            f"out to {parts} GPUs: choose --tensor-parallel {allowed}."
        )
    if (wish.pipeline_parallel or 1) > shape.layers:
        raise WillNotFit(
            f"{model.title} has {shape.layers} layers: --pipeline-parallel {wish.pipeline_parallel} is too much."
        )


def plans(models: Sequence[Model], machine: Machine, wish: Wish) -> Iterator[Plan]:
    """Yield every sensible way, by precision and then by the number of GPUs, fitting or not."""
    for model in models:
        for parts in [wish.tensor_parallel] if wish.tensor_parallel else _divisions(model, machine.gpus):
            yield Plan(
                model=model,
                machine=machine,
                tensor_parallel=parts,
                pipeline_parallel=wish.pipeline_parallel or machine.hosts,
                context=wish.context or default_context(model),
                fraction=wish.fraction,
                kv_bytes=wish.kv_bytes,
            )


def propose(models: Sequence[Model], machine: Machine, wish: Wish) -> Plan | None:
    """Return the way that needs the fewest GPUs, then the most precise one.

    Without a wish the context shrinks until something fits. None when nothing does.
    """
    for context in _contexts(models, wish):
        fitting = [
            plan for plan in plans(models, machine, replace(wish, context=context)) if plan.fits and _is_there(plan)
        ]
        if fitting:
            return min(fitting, key=lambda plan: plan.gpus)
    return None


def choose(models: Sequence[Model], machine: Machine, wish: Wish, *, builds: Sequence[Model] = ()) -> Plan:
    """Return the proposal; raises WillNotFit with what would fit instead, other builds of the model included."""
    found = propose(models, machine, wish)
    if not found:
        raise WillNotFit(refusal(models, machine, wish, builds=builds))
    return found


def refusal(models: Sequence[Model], machine: Machine, wish: Wish, *, builds: Sequence[Model] = ()) -> str:
    """Return why nothing fits and what would."""
    nearest = max(plans(models, machine, wish), key=lambda plan: (_is_there(plan), plan.room_per_gpu))
    return f"{_why(nearest)} {_instead(models, machine, wish, builds or models)}"


def _why(plan: Plan) -> str:
    model, where = plan.model, plan.machine.title
    if not _is_there(plan):
        return f"{plan.gpus} GPUs are asked for, and there are {plan.machine.gpus * plan.machine.hosts}: {where}."
    spread = f"on {plan.gpus} of" if plan.gpus < plan.machine.gpus * plan.machine.hosts else "on"
    if plan.room_per_gpu <= 0:
        return (
            f"{model.title} in {model.kind} has {model.weights / 1e9:,.0f} GB of weights, "
            f"which do not fit {spread} {where}."
        )
    return (
        f"Beside {model.title} in {model.kind} there is room for {plan.tokens:,} tokens {spread} {where}, "
        f"and a context of {plan.context:,} does not fit."
    )


def _instead(models: Sequence[Model], machine: Machine, wish: Wish, builds: Sequence[Model]) -> str:
    shorter = propose(models, machine, replace(wish, context=None)) if wish.context else None
    if shorter:
        return f"--context {shorter.context} would fit."
    unbound = replace(wish, tensor_parallel=None, pipeline_parallel=None)
    for tried, larger in _larger(models, machine, builds):
        found = propose(tried, larger, unbound)
        if found and larger.gpus > machine.gpus:
            return f"{larger.title} would do: {describe(found)}."
        if found:
            return f"{describe(found)} would fit."
    return "Choose a smaller model or a smaller build, or GPUs with more memory."


def _larger(
    models: Sequence[Model], machine: Machine, builds: Sequence[Model]
) -> Iterator[tuple[Sequence[Model], Machine]]:
    """Yield what may be tried instead, the least trouble first."""
    yield models, machine
    yield builds, machine
    for gpus in (2, 4, 8):
        if gpus > machine.gpus and machine.hosts == 1:
            yield models, replace(machine, gpus=gpus)
    for hosts in range(machine.hosts + 1, MOST_HOSTS + 1):
        yield models, replace(machine, hosts=hosts)


def describe(plan: Plan) -> str:
    """Return the options that say this plan."""
    words = [f"--precision {plan.model.precision}"] if plan.model.precision else []
    words.append(f"--tensor-parallel {plan.tensor_parallel}")
    if plan.machine.hosts > 1:
        words.append(f"--nodes {plan.machine.hosts}")
    if plan.pipeline_parallel != plan.machine.hosts:
        words.append(f"--pipeline-parallel {plan.pipeline_parallel}")
    return " ".join([*words, f"--context {plan.context}"])


def _contexts(models: Sequence[Model], wish: Wish) -> Sequence[int | None]:
    if wish.context:
        return [wish.context]
    most = min(default_context(model) for model in models)
    return [None, *(context for context in SMALLER_CONTEXTS if context < most)]


def _is_there(plan: Plan) -> bool:
    """Whether the machine has that many GPUs, with each part of a layer on one host."""
    return plan.gpus <= plan.machine.gpus * plan.machine.hosts and (
        plan.tensor_parallel <= plan.machine.gpus or plan.pipeline_parallel == 1
    )


def _divisions(model: Model, most: int) -> list[int]:
    """Return the powers of two that the model can be cut into."""
    return [parts for parts in (1, 2, 4, 8, 16) if parts <= most and _divides(model, parts)]


def _divides(model: Model, parts: int) -> bool:
    shape = model.shape
    whole = shape.heads % parts == 0 and shape.intermediate % parts == 0
    return parts > 0 and whole and (shape.kv_heads % parts == 0 or parts % shape.kv_heads == 0)
