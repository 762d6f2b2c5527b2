"""What an operator should know of an engine's load, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inference.samples import Presence, Sample

RECENT_SECONDS = 60.0
# Samples come every two seconds; after this long somebody has stopped looking.
STALE_SECONDS = 15.0
CACHE_NEARLY_FULL = 0.9


def warnings_of(samples: Sequence[Sample], now: float) -> list[str]:
    """Return the warnings that the last minute of samples gives, the worst first; oldest sample first."""
    if not samples:
        return ["No worker has looked at this engine yet."]
    newest = samples[-1]
    if is_stale(newest, now):
        return [f"No worker has looked at this engine for {now - newest.at:.0f} seconds. Is the worker running?"]
    if newest.presence == Presence.DOWN:
        return ["The engine does not answer. Answers that need it wait or go to another engine of the same model."]
    if newest.presence == Presence.SILENT:
        return ["The engine offers no metrics: only our own count is shown. llama-server tells more with --metrics."]
    recent = [one for one in samples if one.at > now - RECENT_SECONDS]
    return [*_queue(newest, recent), *_cache(newest, recent)]


def is_stale(newest: Sample, now: float) -> bool:
    """Say whether nobody looks any more."""
    return newest.at < now - STALE_SECONDS


def _queue(newest: Sample, recent: Sequence[Sample]) -> Iterator[str]:
    if refused := _total(one.refusals for one in recent):
        yield f"The queue is full: {_count(refused, 'request was', 'requests were')} turned away in the last minute."
    waiting, running = newest.waiting or 0, newest.running or 0
    if waiting and waiting >= running:
        yield f"The queue is long: {waiting:.0f} wait and {running:.0f} run. Add an engine or lower the load."
    elif waiting:
        yield f"{_count(waiting, 'request waits', 'requests wait')} inside the engine."


def _cache(newest: Sample, recent: Sequence[Sample]) -> Iterator[str]:
    if preempted := _total(one.preemptions for one in recent):
        yield (
            f"{_count(preempted, 'preemption', 'preemptions')} in the last minute: the KV cache is too small for "
            "what runs, and work is done twice. Lower “answers at once” or the context length."
        )
    if newest.cache is not None and newest.cache >= CACHE_NEARLY_FULL:
        yield f"The KV cache is nearly full: {newest.cache:.0%} are in use."


def _total(values: Iterator[float | None]) -> float:
    return sum(one or 0.0 for one in values)


def _count(many: float, one: str, more: str) -> str:
    return f"{many:.0f} {one if round(many) == 1 else more}"
