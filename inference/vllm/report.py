"""A plan as a table that people read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inference.vllm.gpus import GIB, Machine
from inference.vllm.model import Model
from inference.vllm.plan import RESERVE, Plan, Wish, describe, plans, propose, refusal

Rows = list[tuple[str, ...]]
BAR = 20
LENGTHS = (8192, 32768)
NOWHERE = "No NVIDIA GPU was found here. Add --gpus 2x80 to plan for a machine with two GPUs of 80 GiB."


def report(models: Sequence[Model], machine: Machine | None, wish: Wish, *, builds: Sequence[Model] = ()) -> str:
    """Return what the models need, what fits the machine, and what is proposed; `builds` may be named instead."""
    if machine is None:
        rest = [NOWHERE]
    elif models[0].is_gguf:
        rest = [_beside_layers(models[0], machine, wish)]
    else:
        rest = _on(models, machine, wish, builds)
    return "\n\n".join([_about(models, wish), *rest])


def _about(models: Sequence[Model], wish: Wish) -> str:
    model = models[0]
    shape = model.shape
    kv = shape.kv_per_token(item=wish.kv_bytes) / 1024
    rows: Rows = [("", "weights", "KV cache per token", "8k chat", "32k chat")]
    rows += [
        (each.kind, _gb(each.weights), f"{kv:.0f} KiB", *(_gib(kv * 1024 * length) for length in LENGTHS))
        for each in models
    ]
    head = (
        f"{model.title}: {shape.parameters / 1e9:.1f} billion parameters, {shape.layers} layers, "
        f"{shape.heads} heads, {shape.kv_heads} KV heads of {shape.head_dim}, up to {model.context:,} tokens"
    )
    return f"{head}\n\n{_table(rows)}"


def _on(models: Sequence[Model], machine: Machine, wish: Wish, builds: Sequence[Model]) -> list[str]:
    best = propose(models, machine, wish)
    ways = list(plans(models, machine, replace(wish, context=best.context) if best else wish))
    rows: Rows = [("build", "TP", "PP", "weights/GPU", "cache/GPU", "8k chats", "32k chats", "one GPU", "")]
    rows += [_row(plan, best) for plan in ways]
    verdict = f"Proposed: {describe(best)}" if best else refusal(models, machine, wish, builds=builds)
    return [
        f"On {machine.title}, of which {wish.fraction:.0%} may be used:\n\n{_table(rows)}",
        verdict,
        (
            f"One GPU: █ weights, ▒ {RESERVE / GIB:.0f} GiB assumed for activations, CUDA graphs and the driver, "
            "░ KV cache.\nChats are those that run at once; more wait their turn. "
            "TP × PP is the number of GPUs that one\n"
            "copy of the model takes; what is left over can run further copies."
        ),
    ]


def _row(plan: Plan, best: Plan | None) -> tuple[str, ...]:
    fits = plan.room_per_gpu > 0
    return (
        plan.model.kind,
        str(plan.tensor_parallel),
        str(plan.pipeline_parallel),
        _gib(plan.weights_per_gpu),
        _gib(plan.room_per_gpu) if fits else "-",
        *(str(plan.chats(length)) if fits else "-" for length in LENGTHS),
        _bar(plan),
        _remark(plan, best),
    )


def _remark(plan: Plan, best: Plan | None) -> str:
    if plan == best:
        return "<- proposed"
    if plan.room_per_gpu <= 0:
        return "weights do not fit"
    return "" if plan.fits else f"no room for {plan.context:,} tokens"


def _bar(plan: Plan) -> str:
    usable = plan.machine.memory
    weights = min(round(BAR * plan.weights_per_gpu / usable), BAR)
    reserve = min(max(round(BAR * RESERVE / usable), 1), BAR - weights)
    cache = min(max(round(BAR * plan.room_per_gpu / usable), 0), BAR - weights - reserve)
    return f"[{('█' * weights + '▒' * reserve + '░' * cache).ljust(BAR, '·')}]"


def _beside_layers(model: Model, machine: Machine, wish: Wish) -> str:
    """llama.cpp deals whole layers out to the GPUs, and keeps in main memory what finds no place."""
    room = int(machine.gpus * machine.memory * wish.fraction) - machine.gpus * RESERVE - model.weights
    if room <= 0:
        return (
            f"The file does not fit {machine.title}: llama.cpp keeps the rest in main memory, which is much slower."
        )
    tokens = room // model.shape.kv_per_token(item=wish.kv_bytes)
    chats = " and ".join(f"{tokens // length:,} of {length // 1024}k" for length in LENGTHS)
    return f"Beside the file {machine.title} hold {tokens:,} tokens: {chats} at once (--max-streams, --context)."


def _table(rows: Rows) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(_cell(text, widths[column], column) for column, text in enumerate(row)).rstrip() for row in rows
    )


def _cell(text: str, width: int, column: int) -> str:
    is_words = column == 0 or text.startswith(("[", "<-", "one", "no ", "weights do"))
    return text.ljust(width) if is_words else text.rjust(width)


def _gb(size: float) -> str:
    return f"{size / 1e9:,.1f} GB"


def _gib(size: float) -> str:
    return f"{size / GIB:,.1f} GiB"
