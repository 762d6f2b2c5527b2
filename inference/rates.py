"""What happened between two looks at an engine's counters."""

from __future__ import annotations

import math

from inference.gauges import Gauges, Histogram


def restarted(before: Gauges, now: Gauges) -> bool:
    """Say whether the engine counts from nothing again: something that only rises has fallen."""
    return any(
        was is not None and (many is None or many < was)
        for was, many in zip(_counts(before), _counts(now), strict=True)
    ) or any(
        was is not None and (spread is None or _fell(was, spread))
        for was, spread in zip(_histograms(before), _histograms(now), strict=True)
    )


def rise(before: float | None, now: float | None) -> float | None:
    """Return by how much a counter has risen; None when one look did not find it."""
    return None if before is None or now is None else now - before


def rate(before: float, now: float, seconds: float) -> float | None:
    """Return a counter's rise per second; None when no time has passed."""
    return (now - before) / seconds if seconds > 0 else None


def between(before: Histogram | None, now: Histogram | None) -> Histogram | None:
    """Return the histogram of what was added between two looks at one run of an engine."""
    if before is None or now is None:
        return None
    return Histogram(
        bounds=tuple((bound, many - was) for (bound, many), (_, was) in zip(now.bounds, before.bounds, strict=True)),
        seconds=now.seconds - before.seconds,
        count=now.count - before.count,
    )


def mean(histogram: Histogram | None) -> float | None:
    """Return the mean of what a histogram holds, in seconds."""
    return histogram.seconds / histogram.count if histogram and histogram.count > 0 else None


def quantile(histogram: Histogram | None, share: float) -> float | None:
    """Return below which time this share lies, as Prometheus reckons it: evenly spread within a bucket.

    What lies above the last finite bound is told as that bound.
    """
    if histogram is None or not histogram.bounds or histogram.bounds[-1][1] <= 0:
        return None
    wanted = share * histogram.bounds[-1][1]
    floor, below = 0.0, 0.0
    for bound, many in histogram.bounds:
        if math.isinf(bound):
            break
        if many >= wanted and many > below:
            return floor + (bound - floor) * (wanted - below) / (many - below)
        floor, below = bound, many
    return floor


def _counts(gauges: Gauges) -> tuple[float | None, ...]:
    return gauges.prompt_tokens, gauges.answer_tokens, gauges.preemptions, gauges.refusals


def _histograms(gauges: Gauges) -> tuple[Histogram | None, ...]:
    return gauges.first_token, gauges.between_tokens


def _fell(before: Histogram, now: Histogram) -> bool:
    if [bound for bound, _ in before.bounds] != [bound for bound, _ in now.bounds]:
        return True
    fell = any(many < was for (_, many), (_, was) in zip(now.bounds, before.bounds, strict=True))
    return fell or now.count < before.count or now.seconds < before.seconds
