"""Sizes computed from config.json, beside what is published."""

from __future__ import annotations

import pytest

from inference.vllm.catalogue import RELEASES
from inference.vllm.errors import UnfitModel
from inference.vllm.shapes import Precision, precision_of, shape_of
from tests.inference.vllm.folders import QUANTIZATIONS, SIZES, config_of

GB, KIB = 1e9, 1024
# As published: parameters by the cards, bytes by the repositories' and GGUF files' sizes.
PARAMETERS = {"14b": 14.8e9, "36b": 36e9, "70b": 70.6e9, "405b": 405.8e9}
PUBLISHED = [
    ("14b", Precision.BF16, 30 * GB),
    ("36b", Precision.BF16, 72.31 * GB),
    ("70b", Precision.BF16, 141 * GB),
    ("405b", Precision.BF16, 811 * GB),
    ("36b", Precision.FP8, 37.5 * GB),
    ("70b", Precision.FP8, 71 * GB),
    ("405b", Precision.FP8, 406 * GB),
    ("70b", Precision.AWQ, 40 * GB),
]
KV = {"14b": 160, "36b": 256, "70b": 320, "405b": 504}


@pytest.mark.parametrize("size", SIZES)
def test_the_catalogue_has_the_shape_of_the_config(size: str) -> None:
    assert RELEASES[size].shape == shape_of(config_of(size))
    assert RELEASES[size].context == config_of(size)["max_position_embeddings"]


@pytest.mark.parametrize("size", SIZES)
def test_parameters_are_those_of_the_card(size: str) -> None:
    assert shape_of(config_of(size)).parameters == pytest.approx(PARAMETERS[size], rel=0.01)


@pytest.mark.parametrize(("size", "precision", "published"), PUBLISHED)
def test_weights_are_within_a_twentieth_of_the_published_files(
    size: str, precision: Precision, published: float
) -> None:
    assert shape_of(config_of(size)).weights(precision) == pytest.approx(published, rel=0.05)


@pytest.mark.parametrize("size", SIZES)
def test_a_token_in_the_cache_costs_what_the_heads_say(size: str) -> None:
    shape = shape_of(config_of(size))
    assert shape.kv_per_token() == KV[size] * KIB
    assert shape.kv_per_token(item=1) == KV[size] * KIB / 2


def test_a_tied_embedding_is_counted_once() -> None:
    config = config_of("14b")
    untied, tied = shape_of(config), shape_of({**config, "tie_word_embeddings": True})
    assert untied.parameters - tied.parameters == 151936 * 5120


@pytest.mark.parametrize("written", QUANTIZATIONS)
def test_the_precision_is_read_from_the_config(written: str) -> None:
    assert precision_of({"quantization_config": QUANTIZATIONS[written]}) == Precision(written)


def test_other_ways_to_write_it_are_known() -> None:
    four = {"quant_method": "compressed-tensors", "config_groups": {"a": {"weights": {"num_bits": 4, "type": "int"}}}}
    assert precision_of({"quantization_config": {"quant_method": "fp8"}}) == Precision.FP8
    assert precision_of({"quantization_config": four}) == Precision.AWQ


@pytest.mark.parametrize(
    "quantization",
    [
        {"quant_method": "gptq"},
        {"quant_method": "compressed-tensors"},
        {
            "quant_method": "compressed-tensors",
            "config_groups": {
                "a": {"weights": {"num_bits": 4, "type": "int"}},
                "b": {"weights": {"num_bits": 8, "type": "float"}},
            },
        },
    ],
)
def test_an_unknown_quantization_is_named(quantization: dict[str, object]) -> None:
    with pytest.raises(UnfitModel, match=f"“{quantization['quant_method']}”: use a BF16, FP8 or AWQ build"):
        precision_of({"quantization_config": quantization})


def test_a_config_without_a_shape_is_refused() -> None:
    with pytest.raises(UnfitModel, match="is it a Hermes model"):
        shape_of({"model_type": "bert"})
