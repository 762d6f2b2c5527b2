"""What the scripted engine says of its load, in vLLM's form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

BOUNDS = (0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0)
# What a test may set; the rest is counted.
PRESSURE = {
    "num_requests_waiting": 0.0,
    "kv_cache_usage_perc": 0.0,
    "num_preemptions_total": 0.0,
    "admission_rejections_total": 0.0,
}
PROMPT_TOKENS = 7


class Request(Protocol):
    """One request as the engine saw it."""

    received: int
    first_byte: int | None
    last_byte: int | None
    sent: int


def page(requests: Sequence[Request], running: int, model: str, pressure: Mapping[str, float]) -> str:
    """Return the page of metrics."""
    labels = f'engine="0",model_name="{model}"'
    values = {
        "num_requests_running": running,
        "prompt_tokens_total": PROMPT_TOKENS * len(requests),
        "generation_tokens_total": sum(one.sent for one in requests),
        **pressure,
    }
    first = [((one.first_byte - one.received) / 1e9, 1) for one in requests if one.first_byte]
    lines = [f"vllm:{name}{{{labels}}} {float(value)}" for name, value in values.items()]
    lines += _histogram("time_to_first_token_seconds", labels, first)
    lines += _histogram("inter_token_latency_seconds", labels, list(_gaps(requests)))
    return "# HELP vllm:num_requests_running Requests that run.\n" + "\n".join(lines) + "\n"


def _gaps(requests: Iterable[Request]) -> Iterator[tuple[float, int]]:
    for one in requests:
        if one.first_byte and one.last_byte and one.sent > 1:
            yield (one.last_byte - one.first_byte) / 1e9 / (one.sent - 1), one.sent - 1


def _histogram(name: str, labels: str, values: Sequence[tuple[float, int]]) -> Iterator[str]:
    """Write a histogram of values, each with how often it came."""
    for bound in BOUNDS:
        below = sum(often for value, often in values if value <= bound)
        yield f'vllm:{name}_bucket{{{labels},le="{bound}"}} {float(below)}'
    count = float(sum(often for _, often in values))
    yield f'vllm:{name}_bucket{{{labels},le="+Inf"}} {count}'
    yield f"vllm:{name}_sum{{{labels}}} {sum(value * often for value, often in values)}"
    yield f"vllm:{name}_count{{{labels}}} {count}"
