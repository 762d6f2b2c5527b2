"""Prometheus' text format, whatever stands in a label."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.prometheus import MOST_READINGS, MetricsError, Reading, parse

PAGE = """
# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="a, \\"b\\" } c\\\\"} 3.0
vllm:time_to_first_token_seconds_bucket{le="+Inf", } 12 1700000000000
llamacpp:tokens_predicted_total 8
nothing NaN
below -Inf
"""

NAMES = st.from_regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,30}", fullmatch=True)
LABELS = st.dictionaries(st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,10}", fullmatch=True), st.text(), max_size=4)


def test_it_reads_what_engines_write() -> None:
    running, first, predicted, nothing, below = parse(PAGE)
    assert running == Reading(
        name="vllm:num_requests_running", labels={"engine": "0", "model_name": 'a, "b" } c\\'}, value=3.0
    )
    assert (first.labels, first.value) == ({"le": "+Inf"}, 12.0)
    assert (predicted.labels, predicted.value) == ({}, 8.0)
    assert math.isnan(nothing.value)
    assert below.value == -math.inf


def written(one: Reading) -> str:
    labels = ",".join(f'{name}="{escaped(value)}"' for name, value in one.labels.items())
    return f"{one.name}{{{labels}}} {one.value!r}" if labels else f"{one.name} {one.value!r}"


def escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


@given(
    st.lists(
        st.builds(lambda n, ls, v: Reading(name=n, labels=ls, value=v), NAMES, LABELS, st.floats(allow_nan=False))
    )
)
def test_what_is_written_by_its_rules_is_read_as_it_was(readings: list[Reading]) -> None:
    assert parse("\n".join(written(one) for one in readings)) == readings


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert all(one.name for one in parse(text))
    except MetricsError as refused:
        assert "line" in str(refused)


@pytest.mark.parametrize(
    "line",
    [
        "<html>",
        "{}",
        "name",
        "name one",
        "name 1 2 3",
        "name{a=b} 1",
        'name{a="b" 1',
        'name{a="b"c="d"} 1',
        "name 1_000",
        "name 0x10",
    ],
)
def test_what_breaks_the_rules_is_refused(line: str) -> None:
    with pytest.raises(MetricsError):
        parse(line)


def test_a_page_without_end_is_refused() -> None:
    with pytest.raises(MetricsError, match="more than an engine has"):
        parse("a 1\n" * (MOST_READINGS + 1))
