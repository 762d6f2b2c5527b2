"""The Hermes 4 models that Nous Research has published, as far as their repositories are confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from inference.engine import PromptFormat
from inference.vllm.shapes import Precision, Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One size: its shape, the most tokens it was made for, and a repository for each published precision."""

    title: str
    name: str
    prompt_format: PromptFormat
    shape: Shape
    context: int
    repositories: Mapping[Precision, str]


def _both(repository: str) -> Mapping[Precision, str]:
    return MappingProxyType({Precision.BF16: repository, Precision.FP8: f"{repository}-FP8"})


# Third parties have quantized them too; such a build is served from a folder that the operator has looked at.
RELEASES: Mapping[str, Release] = MappingProxyType(
    {
        "14b": Release(
            title="Hermes 4 14B",
            name="hermes-4-14b",
            prompt_format=PromptFormat.CHATML,
            shape=Shape(
                layers=40,
                hidden=5120,
                heads=40,
                kv_heads=8,
                head_dim=128,
                intermediate=17408,
                vocabulary=151936,
            ),
            context=40_960,
            repositories=_both("NousResearch/Hermes-4-14B"),
        ),
        "36b": Release(
            title="Hermes 4.3 36B",
            name="hermes-4.3-36b",
            prompt_format=PromptFormat.LLAMA3,
            shape=Shape(
                layers=64,
                hidden=5120,
                heads=80,
                kv_heads=8,
                head_dim=128,
                intermediate=27648,
                vocabulary=155136,
            ),
            context=524_288,
            repositories=MappingProxyType({Precision.BF16: "NousResearch/Hermes-4.3-36B"}),
        ),
        "70b": Release(
            title="Hermes 4 70B",
            name="hermes-4-70b",
            prompt_format=PromptFormat.LLAMA3,
            shape=Shape(
                layers=80,
                hidden=8192,
                heads=64,
                kv_heads=8,
                head_dim=128,
                intermediate=28672,
                vocabulary=128256,
            ),
            context=131_072,
            repositories=_both("NousResearch/Hermes-4-70B"),
        ),
        "405b": Release(
            title="Hermes 4 405B",
            name="hermes-4-405b",
            prompt_format=PromptFormat.LLAMA3,
            shape=Shape(
                layers=126,
                hidden=16384,
                heads=128,
                kv_heads=8,
                head_dim=128,
                intermediate=53248,
                vocabulary=128256,
            ),
            context=131_072,
            repositories=_both("NousResearch/Hermes-4-405B"),
        ),
    }
)
