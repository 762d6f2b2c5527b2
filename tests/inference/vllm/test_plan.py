"""What fits which GPUs, and what is said where nothing does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.vllm.errors import WillNotFit
from inference.vllm.gpus import GIB, parse_written
from inference.vllm.model import find_models
from inference.vllm.plan import Plan, Wish, check_context, check_spread, choose, plans, propose
from inference.vllm.report import report
from inference.vllm.shapes import Precision
from tests.inference.vllm.folders import LLAMA3, SIZES, THINK, gguf_file

FREE = Wish()


def chosen(size: str, gpus: str, wish: Wish = FREE, *, hosts: int = 1, precision: Precision | None = None) -> Plan:
    return choose(
        find_models(size, precision=precision), parse_written(gpus, hosts=hosts), wish, builds=find_models(size)
    )


def words_of(size: str, gpus: str, wish: Wish = FREE, *, precision: Precision | None = None) -> str:
    with pytest.raises(WillNotFit) as refused:
        chosen(size, gpus, wish, precision=precision)
    return str(refused.value)


@pytest.mark.parametrize(
    ("size", "gpus", "precision", "tensor_parallel", "context"),
    [
        ("14b", "1x24", "fp8", 1, 16_384),
        ("14b", "1x48", "bf16", 1, 40_960),
        ("14b", "2x24", "bf16", 2, 40_960),
        ("36b", "1x80", "bf16", 1, 8_192),
        ("36b", "2x80", "bf16", 2, 65_536),
        ("70b", "2x80", "fp8", 2, 65_536),
        ("70b", "1x141", "fp8", 1, 65_536),
        ("70b", "8x80", "fp8", 2, 65_536),
        ("405b", "8x80", "fp8", 8, 65_536),
        ("405b", "8x192", "fp8", 4, 65_536),
    ],
)
def test_the_fewest_gpus_and_then_the_most_precise_build_is_proposed(
    size: str, gpus: str, precision: str, tensor_parallel: int, context: int
) -> None:
    plan = chosen(size, gpus)
    assert (plan.model.precision, plan.tensor_parallel, plan.context) == (precision, tensor_parallel, context)


def test_what_is_known_to_run_fits() -> None:
    # Seen in use: 405B in FP8 on eight cards of 80 GB with 65,440 tokens; 36B in FP8 on 48 GB with 16,384.
    assert chosen("405b", "8x80", Wish(context=65_440, tensor_parallel=8), precision=Precision.FP8).fits
    eight_bits = replace(find_models("36b")[0], precision=Precision.FP8, weights=37_000_000_000)
    assert choose([eight_bits], parse_written("1x48"), Wish(context=16_384)).chats(8192) >= 2


def test_a_wish_is_kept() -> None:
    plan = chosen("70b", "4x80", Wish(context=32_768, tensor_parallel=4), precision=Precision.BF16)
    assert (plan.tensor_parallel, plan.context, plan.model.precision) == (4, 32_768, Precision.BF16)


def test_hosts_share_the_layers() -> None:
    plan = chosen("405b", "8x80", hosts=2, precision=Precision.BF16)
    assert (plan.tensor_parallel, plan.pipeline_parallel) == (8, 2)


def test_an_uneven_pipeline_is_as_full_as_its_fullest_stage() -> None:
    plan = replace(chosen("405b", "8x192"), pipeline_parallel=4)
    even = plan.model.shape.linear / 4 / plan.tensor_parallel
    assert plan.weights_per_gpu > even


def test_an_eight_bit_cache_holds_twice_as_much() -> None:
    plan = chosen("70b", "2x80")
    assert replace(plan, kv_bytes=1).tokens == pytest.approx(2 * plan.tokens, abs=2)


def test_kv_heads_are_kept_twice_when_there_are_more_gpus_than_heads() -> None:
    plan = chosen("405b", "16x80", Wish(tensor_parallel=16))
    assert plan.kv_per_gpu == replace(plan, tensor_parallel=8).kv_per_gpu


@pytest.mark.parametrize("size", SIZES)
@given(gpus=st.sampled_from([1, 2, 4, 8]), memory=st.integers(8, 300), hosts=st.integers(1, 4))
def test_every_plan_holds_what_it_promises(size: str, gpus: int, memory: int, hosts: int) -> None:
    machine = parse_written(f"{gpus}x{memory}", hosts=hosts)
    for plan in plans(find_models(size), machine, FREE):
        used = plan.weights_per_gpu + plan.tokens * plan.kv_per_gpu
        assert not plan.tokens or used <= memory * GIB * plan.fraction
        assert plan.chats(8192) * 8192 <= plan.tokens
    best = propose(find_models(size), machine, FREE)
    assert best is None or (best.fits and best.tensor_parallel <= gpus and best.gpus <= gpus * hosts)


@pytest.mark.parametrize("size", SIZES)
@given(gpus=st.sampled_from([1, 2, 4, 8]), memory=st.integers(8, 300))
def test_more_memory_never_makes_it_worse(size: str, gpus: int, memory: int) -> None:
    smaller = propose(find_models(size), parse_written(f"{gpus}x{memory}"), Wish(context=8192))
    larger = propose(find_models(size), parse_written(f"{gpus}x{memory + 8}"), Wish(context=8192))
    assert smaller is None or (larger is not None and larger.gpus <= smaller.gpus)


@pytest.mark.parametrize(
    ("size", "gpus", "wish", "precision", "said"),
    [
        ("405b", "8x80", FREE, Precision.BF16, "812 GB of weights, which do not fit on 8 × GPU with 80 GiB. "),
        ("405b", "8x80", FREE, Precision.BF16, "--precision fp8 --tensor-parallel 8 --context 65536 would fit."),
        ("14b", "1x24", Wish(context=40_960), None, "room for 25,410 tokens on 1 × GPU with 24 GiB"),
        ("14b", "1x24", Wish(context=40_960), None, "--context 16384 would fit."),
        ("70b", "2x80", Wish(tensor_parallel=4), None, "4 GPUs are asked for, and there are 2"),
        ("70b", "1x40", FREE, None, "4 × GPU with 40 GiB would do: --precision fp8 --tensor-parallel 4"),
        ("405b", "8x40", FREE, Precision.FP8, "--tensor-parallel 8 --nodes 2 --context 65536 would fit."),
        ("405b", "1x8", FREE, None, "Choose a smaller model or a smaller build, or GPUs with more memory."),
    ],
)
def test_a_wrong_choice_gets_what_would_fit(
    size: str, gpus: str, wish: Wish, precision: Precision | None, said: str
) -> None:
    assert said in words_of(size, gpus, wish, precision=precision)


@pytest.mark.parametrize(("size", "parts", "allowed"), [("70b", 3, "1, 2, 4, 8, 16"), ("14b", 16, "1, 2, 4, 8.")])
def test_heads_that_cannot_be_shared_out_are_refused(size: str, parts: int, allowed: str) -> None:
    with pytest.raises(WillNotFit, match=f"choose --tensor-parallel {allowed}"):
        check_spread(find_models(size)[0], Wish(tensor_parallel=parts))


def test_more_stages_than_layers_are_refused() -> None:
    with pytest.raises(WillNotFit, match="has 40 layers"):
        check_spread(find_models("14b")[0], Wish(pipeline_parallel=41))


def test_more_context_than_the_model_was_made_for_is_refused() -> None:
    with pytest.raises(WillNotFit, match="Choose 40960 or less"):
        check_context(find_models("14b")[0], Wish(context=40_961))


def test_the_report_marks_the_proposal_and_aligns() -> None:
    text = report(find_models("70b"), parse_written("2x80"), FREE)
    table = text[text.index("build") :].splitlines()[:5]
    assert [line.endswith("<- proposed") for line in table] == [False, False, False, False, True]
    assert len({line.index("[") for line in table[1:]}) == 1
    assert "Proposed: --precision fp8 --tensor-parallel 2 --context 65536" in text
    assert max(map(len, text.splitlines())) <= 110


def test_the_report_says_so_where_nothing_is_known_or_fits() -> None:
    assert "Add --gpus 2x80" in report(find_models("14b"), None, FREE)
    text = report(find_models("405b"), parse_written("1x80"), FREE)
    assert "proposed" not in text
    assert "weights do not fit" in text


def test_the_report_of_a_gguf_file_tells_the_room_beside_it(tmp_path: Path) -> None:
    models = find_models(str(gguf_file(tmp_path / "m.gguf", [*LLAMA3, *THINK])))
    assert "1 × GPU with 24 GiB hold 62,521 tokens: 7 of 8k and 1 of 32k" in report(
        models, parse_written("1x24"), FREE
    )
    assert "much slower" in report([replace(models[0], weights=10**12)], parse_written("1x24"), FREE)
