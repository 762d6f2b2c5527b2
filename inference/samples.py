"""One look at an engine as the panel shows it: numbers, and whether it is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any

import orjson

from inference.gauges import Gauges
from inference.rates import between, mean, quantile, rate, restarted, rise

# Tokens come in bursts; an answer's first token comes seldom.
RATE_SECONDS = 10.0
LATENCY_SECONDS = 60.0


class Presence(StrEnum):
    """Whether an engine is there, and tells of its load."""

    UP = "up"
    SILENT = "silent"
    """It answers, and offers no metrics."""
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look found. `at` in seconds of the clock."""

    at: float
    presence: Presence
    gauges: Gauges | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """`since`: from when on it has been as it is. `streams` are our own; times in seconds; None is unknown."""

    at: float
    presence: Presence
    since: float
    streams: int = 0
    running: float | None = None
    waiting: float | None = None
    cache: float | None = None
    prompt_rate: float | None = None
    answer_rate: float | None = None
    first_token: float | None = None
    first_token_slow: float | None = None
    between_tokens: float | None = None
    between_tokens_slow: float | None = None
    preemptions: float | None = None
    refusals: float | None = None

    def packed(self) -> bytes:
        """Return it as it is kept."""
        told = {name: _short(value) for name, value in asdict(self).items() if value is not None}
        return orjson.dumps(told)


def _short(value: Any) -> Any:
    return round(value, 5) if isinstance(value, float) else value


NUMBERS = tuple(one.name for one in fields(Sample) if one.name not in ("presence", "since"))


def unpacked(kept: bytes) -> Sample | None:
    """Read a kept sample; None when it is not one of this version."""
    try:
        found: dict[str, Any] = orjson.loads(kept)
        return Sample(**found | {"presence": Presence(found["presence"])})
    except (orjson.JSONDecodeError, TypeError, KeyError, ValueError):
        return None


def sample_of(looks: Sequence[Look], *, streams: int, last: Sample | None) -> Sample:
    """Make the sample of the newest of some looks, oldest first; `last` is the sample before it."""
    now = looks[-1]
    since = last.since if last and last.presence == now.presence else now.at
    bare = Sample(at=now.at, presence=now.presence, since=since, streams=streams)
    if now.gauges is None:
        return bare
    told = _of_this_run([Told(at=one.at, gauges=one.gauges) for one in looks if one.gauges])
    return replace(bare, **_load(now.gauges), **_rates(told), **_latencies(told))


def worth_keeping(looks: Sequence[Look], now: float) -> list[Look]:
    """Return the looks that the next sample may need."""
    return [one for one in looks if one.at >= now - LATENCY_SECONDS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A look that found gauges."""

    at: float
    gauges: Gauges


def _of_this_run(told: Sequence[Told]) -> Sequence[Told]:
    """Leave out what was seen before the engine was started again."""
    starts = [at for at in range(1, len(told)) if restarted(told[at - 1].gauges, told[at].gauges)]
    return told[starts[-1] if starts else 0 :]


def _load(gauges: Gauges) -> dict[str, Any]:
    return {"running": gauges.running, "waiting": gauges.waiting, "cache": gauges.cache}


def _rates(told: Sequence[Told]) -> dict[str, Any]:
    """Return tokens a second over some seconds, and what was added since the look before."""
    if len(told) < 2:
        return {}
    *earlier, now = told
    first = next((one for one in earlier if one.at >= now.at - RATE_SECONDS), earlier[-1])
    before, seconds = earlier[-1].gauges, now.at - first.at
    return {
        "prompt_rate": rate(first.gauges.prompt_tokens, now.gauges.prompt_tokens, seconds),
        "answer_rate": rate(first.gauges.answer_tokens, now.gauges.answer_tokens, seconds),
        "preemptions": rise(before.preemptions, now.gauges.preemptions),
        "refusals": rise(before.refusals, now.gauges.refusals),
    }


def _latencies(told: Sequence[Told]) -> dict[str, Any]:
    before, now = told[0].gauges, told[-1].gauges
    first, gaps = between(before.first_token, now.first_token), between(before.between_tokens, now.between_tokens)
    return {
        "first_token": quantile(first, 0.5),
        "first_token_slow": quantile(first, 0.95),
        "between_tokens": mean(gaps),
        "between_tokens_slow": quantile(gaps, 0.95),
    }
