"""What an engine says of its own load at one moment: gauges, counters that only rise, histograms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from inference.prometheus import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """How long things took since the engine started: (upper bound, how many took at most that long), rising.

    Without bounds only the mean is known.
    """

    bounds: Sequence[tuple[float, float]] = ()
    seconds: float = 0.0
    count: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """None is what this engine does not tell. `cache` is the used share of the KV cache, 0 to 1."""

    running: float
    waiting: float
    cache: float | None = None
    prompt_tokens: float = 0.0
    answer_tokens: float = 0.0
    preemptions: float | None = None
    refusals: float | None = None
    first_token: Histogram | None = None
    between_tokens: Histogram | None = None


def gauges_of(readings: Iterable[Reading]) -> Gauges | None:
    """Read vLLM's or llama.cpp's own metrics; None when there are neither."""
    series: dict[str, list[Reading]] = {}
    for one in readings:
        series.setdefault(one.name, []).append(one)
    if "vllm:num_requests_running" in series:
        return _vllm(series)
    if "llamacpp:requests_processing" in series:
        return _llama_cpp(series)
    return None


# An engine with data parallelism has a series for each of its parts.
Series = dict[str, list[Reading]]


def _vllm(series: Series) -> Gauges:
    return Gauges(
        running=_sum(series, "vllm:num_requests_running"),
        waiting=_sum(series, "vllm:num_requests_waiting"),
        # The fullest part is the one that preempts.
        cache=_all(series, "vllm:kv_cache_usage_perc", max),
        prompt_tokens=_sum(series, "vllm:prompt_tokens_total"),
        answer_tokens=_sum(series, "vllm:generation_tokens_total"),
        preemptions=_all(series, "vllm:num_preemptions_total", sum),
        refusals=_all(series, "vllm:admission_rejections_total", sum),
        first_token=_histogram(series, "vllm:time_to_first_token_seconds"),
        between_tokens=_histogram(series, "vllm:inter_token_latency_seconds"),
    )


def _llama_cpp(series: Series) -> Gauges:
    answered = _sum(series, "llamacpp:tokens_predicted_total")
    seconds = _sum(series, "llamacpp:tokens_predicted_seconds_total")
    return Gauges(
        running=_sum(series, "llamacpp:requests_processing"),
        waiting=_sum(series, "llamacpp:requests_deferred"),
        cache=_all(series, "llamacpp:kv_cache_usage_ratio", max),
        prompt_tokens=_sum(series, "llamacpp:prompt_tokens_total"),
        answer_tokens=answered,
        between_tokens=Histogram(seconds=seconds, count=answered),
    )


def _sum(series: Series, name: str) -> float:
    return _all(series, name, sum) or 0.0


def _all(series: Series, name: str, over: Callable[[list[float]], float]) -> float | None:
    # NaN is Prometheus' word for “nothing yet”.
    values = [one.value for one in series.get(name, []) if one.value == one.value]
    return over(values) if values else None


def _histogram(series: Series, name: str) -> Histogram | None:
    buckets: dict[float, float] = {}
    for one in series.get(f"{name}_bucket", []):
        try:
            bound = float(one.labels.get("le", ""))
        except ValueError:
            continue
        buckets[bound] = buckets.get(bound, 0.0) + one.value
    if not buckets:
        return None
    return Histogram(
        bounds=tuple(sorted(buckets.items())),
        seconds=_sum(series, f"{name}_sum"),
        count=_sum(series, f"{name}_count"),
    )
