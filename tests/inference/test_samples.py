"""From an engine's counters to the numbers that are shown."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.gauges import Gauges, Histogram, gauges_of
from inference.prometheus import parse
from inference.rates import between, mean, quantile
from inference.samples import LATENCY_SECONDS, Look, Presence, Sample, sample_of, unpacked, worth_keeping

VLLM = """
vllm:num_requests_running{engine="0"} 3.0
vllm:num_requests_running{engine="1"} 4.0
vllm:num_requests_waiting{engine="0"} 2.0
vllm:kv_cache_usage_perc{engine="0"} 0.25
vllm:kv_cache_usage_perc{engine="1"} 0.75
vllm:prompt_tokens_total{engine="0"} 100.0
vllm:generation_tokens_total{engine="0"} 50.0
vllm:num_preemptions_total{engine="0"} 1.0
vllm:time_to_first_token_seconds_bucket{engine="0",le="+Inf"} 4.0
vllm:time_to_first_token_seconds_bucket{engine="0",le="0.1"} 2.0
vllm:time_to_first_token_seconds_bucket{engine="1",le="0.1"} 1.0
vllm:time_to_first_token_seconds_bucket{engine="1",le="+Inf"} 1.0
vllm:time_to_first_token_seconds_sum{engine="0"} 0.9
vllm:time_to_first_token_seconds_count{engine="0"} 4.0
"""
LLAMA_CPP = """
llamacpp:prompt_tokens_total 31
llamacpp:tokens_predicted_total 8
llamacpp:tokens_predicted_seconds_total 0.4
llamacpp:requests_processing 1
llamacpp:requests_deferred 2
"""
BOUNDS = (0.1, 0.2, 0.5, math.inf)


def spread(*buckets: float) -> Histogram:
    """Return a histogram of how many times lie in each bucket."""
    sums = [sum(buckets[: at + 1]) for at in range(len(buckets))]
    return Histogram(bounds=tuple(zip(BOUNDS, sums, strict=True)), seconds=sums[-1] * 0.15, count=sums[-1])


NOTHING = spread(0, 0, 0, 0)
IDLE = Gauges(running=0, waiting=0, preemptions=0, refusals=0, first_token=NOTHING, between_tokens=NOTHING)


def look(at: float, gauges: Gauges | None) -> Look:
    return Look(at=at, presence=Presence.UP if gauges else Presence.DOWN, gauges=gauges)


def test_the_parts_of_an_engine_are_taken_together() -> None:
    found = gauges_of(parse(VLLM))
    assert found is not None
    assert (found.running, found.waiting, found.cache) == (7, 2, 0.75)
    assert (found.prompt_tokens, found.answer_tokens, found.preemptions, found.refusals) == (100, 50, 1, None)
    assert found.first_token == Histogram(bounds=((0.1, 3.0), (math.inf, 5.0)), seconds=0.9, count=4)


def test_llama_cpp_tells_less() -> None:
    found = gauges_of(parse(LLAMA_CPP))
    assert found is not None
    assert (found.running, found.waiting, found.cache, found.first_token) == (1, 2, None, None)
    assert mean(found.between_tokens) == pytest.approx(0.05)
    assert quantile(found.between_tokens, 0.95) is None


def test_other_metrics_say_nothing_of_load() -> None:
    assert gauges_of(parse("python_info 1\nprocess_cpu_seconds_total 3")) is None


def test_tokens_are_counted_over_ten_seconds() -> None:
    looks = [look(at, replace(IDLE, answer_tokens=at * 50, prompt_tokens=at * 7)) for at in (0.0, 5.0, 10.0, 15.0)]
    sample = sample_of(looks, streams=2, last=None)
    assert (sample.answer_rate, sample.prompt_rate, sample.streams) == (50, 7, 2)


def test_what_was_preempted_is_told_once() -> None:
    looks = [
        look(at, replace(IDLE, preemptions=many, refusals=2)) for at, many in ((0.0, 1.0), (2.0, 4.0), (4.0, 6.0))
    ]
    sample = sample_of(looks, streams=0, last=None)
    assert (sample.preemptions, sample.refusals) == (2, 0)


def test_latencies_are_those_of_the_last_minute() -> None:
    old, new = spread(100, 0, 0, 0), spread(100, 10, 10, 0)
    looks = [look(1.0, replace(IDLE, first_token=old)), look(3.0, replace(IDLE, first_token=new))]
    sample = sample_of(looks, streams=0, last=None)
    assert sample.first_token == pytest.approx(0.2)
    assert sample.first_token_slow == pytest.approx(0.2 + 0.3 * 0.9)
    assert worth_keeping(looks, 3.0 + LATENCY_SECONDS - 1) == looks[1:]


def test_without_a_look_before_there_are_no_rates() -> None:
    sample = sample_of([look(5.0, replace(IDLE, running=3, answer_tokens=900))], streams=0, last=None)
    assert (sample.running, sample.answer_rate, sample.first_token, sample.preemptions) == (3, None, None, None)


@given(
    st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 50), st.booleans()), min_size=1, max_size=12),
    st.lists(st.integers(0, 9), min_size=4, max_size=4),
)
def test_no_number_is_ever_below_nothing(steps: list[tuple[int, int, bool]], buckets: list[int]) -> None:
    """However often the engine is started again between two looks."""
    looks, answered, times, run = [], 0, spread(0, 0, 0, 0), 0
    for at, (tokens, preempted, begins_anew) in enumerate(steps):
        run = 0 if begins_anew else run + 1
        answered = tokens if begins_anew else answered + tokens
        times = spread(*(one * run for one in buckets))
        gauges = replace(
            IDLE, answer_tokens=answered, preemptions=float(preempted), first_token=times, between_tokens=times
        )
        looks.append(look(at * 2.0, gauges))
    sample = sample_of(looks, streams=0, last=None)
    told = (
        sample.answer_rate,
        sample.preemptions,
        sample.first_token,
        sample.first_token_slow,
        sample.between_tokens,
    )
    assert all(value >= 0 for value in told if value is not None)


@given(st.lists(st.integers(0, 100), min_size=4, max_size=4), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_never_lies_lower(buckets: list[int], one: float, other: float) -> None:
    low, high = (quantile(spread(*buckets), share) for share in sorted((one, other)))
    if sum(buckets) == 0:
        assert low is high is None
    else:
        assert low is not None
        assert high is not None
        assert 0 <= low <= high <= 0.5


@given(st.lists(st.integers(0, 100), min_size=4, max_size=4), st.lists(st.integers(0, 100), min_size=4, max_size=4))
def test_what_was_added_is_the_difference(before: list[int], added: list[int]) -> None:
    now = spread(*(a + b for a, b in zip(before, added, strict=True)))
    found = between(spread(*before), now)
    assert found is not None
    assert (found.bounds, found.count) == (spread(*added).bounds, sum(added))


def test_it_is_told_since_when_it_is_down() -> None:
    up = sample_of([look(10.0, IDLE)], streams=0, last=None)
    down = sample_of([look(10.0, IDLE), look(12.0, None)], streams=0, last=up)
    still = sample_of([look(14.0, None)], streams=0, last=down)
    again = sample_of([look(16.0, IDLE)], streams=0, last=still)
    assert [(one.presence, one.since) for one in (up, down, still, again)] == [
        (Presence.UP, 10.0),
        (Presence.DOWN, 12.0),
        (Presence.DOWN, 12.0),
        (Presence.UP, 16.0),
    ]
    assert still.running is None


def test_a_sample_is_kept_and_read_again() -> None:
    sample = Sample(at=1.5, presence=Presence.UP, since=1.0, streams=3, running=2.0, cache=0.123456789)
    assert unpacked(sample.packed()) == replace(sample, cache=0.12346)


@pytest.mark.parametrize("kept", [b"", b"[]", b"{}", b'{"at": 1, "presence": "odd", "since": 1}', b'{"strange": 1}'])
def test_what_another_version_kept_is_left_out(kept: bytes) -> None:
    assert unpacked(kept) is None
