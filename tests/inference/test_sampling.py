from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.sampling import BOUNDS, HERMES, WHOLE, Sampling, SamplingError, over, parse_sampling, under_ceilings


def number(name: str) -> st.SearchStrategy[float]:
    least, most = BOUNDS[name]
    return st.integers(int(least), int(most)) if name in WHOLE else st.floats(least, most)


values = st.fixed_dictionaries({}, optional={name: number(name) for name in BOUNDS})


@given(values, st.lists(st.text(min_size=1, max_size=100), max_size=4))
def test_what_is_kept_as_json_is_read_back(facts: dict[str, Any], stops: list[str]) -> None:
    sampling = parse_sampling({**facts, "stop": stops})
    assert parse_sampling(sampling.facts()) == sampling


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"temperature": 2.1}, "temperature"),
        ({"temperature": -0.1}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"top_p": 0}, "top_p"),
        ({"top_k": 1.5}, "top_k"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"seed": -1}, "seed"),
        ({"stop": "END"}, "stop"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop"),
        ({"stop": [""]}, "stop"),
        ({"stop": ["x" * 101]}, "stop"),
        ({"stop": [1]}, "stop"),
        ({"n": 4}, "n"),
    ],
)
def test_what_no_sampler_takes_is_refused_by_name(facts: dict[str, Any], field: str) -> None:
    with pytest.raises(SamplingError) as error:
        parse_sampling(facts)
    assert error.value.field == field
    assert field in error.value.words


def test_whole_numbers_may_come_as_floats() -> None:
    assert parse_sampling({"top_k": 20.0}).top_k == 20


def test_a_level_covers_the_one_above() -> None:
    assert over(HERMES, Sampling(temperature=0.0, stop=("END",))) == Sampling(
        temperature=0.0, top_p=0.95, top_k=20, stop=("END",)
    )


@given(values, values)
def test_no_value_passes_its_ceiling(wanted: dict[str, Any], ceilings: dict[str, Any]) -> None:
    found = under_ceilings(parse_sampling(wanted), parse_sampling(ceilings))
    for name, ceiling in ceilings.items():
        value = getattr(found, name)
        assert value is None or value <= ceiling
        assert value == wanted.get(name) or value == ceiling


def test_an_answer_without_a_length_gets_the_ceiling() -> None:
    assert under_ceilings(Sampling(), Sampling(max_tokens=500, temperature=1)) == Sampling(max_tokens=500)
