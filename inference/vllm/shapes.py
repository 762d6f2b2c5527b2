"""A dense transformer's shape: how many parameters it has, how large they are, and what a token costs in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from inference.vllm.errors import UnfitModel


class Precision(StrEnum):
    """What the linear layers' weights are kept in. Embeddings and the head stay BF16 in all of them."""

    BF16 = "bf16"
    FP8 = "fp8"
    AWQ = "awq"

    @property
    def label(self) -> str:
        return self.value.upper()


BYTES_BF16 = 2.0
# AWQ: 4 bits, and for every 128 weights a scale of 16 bits and a zero of 4.
BYTES = {Precision.BF16: BYTES_BF16, Precision.FP8: 1.0, Precision.AWQ: 0.5 + (2 + 0.5) / 128}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The numbers of a config.json that decide about memory."""

    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    vocabulary: int
    tied: bool = False

    @property
    def embeddings(self) -> int:
        """Parameters of the embedding and of the head, which quantization leaves alone."""
        return self.vocabulary * self.hidden * (1 if self.tied else 2)

    @property
    def linear(self) -> int:
        """Parameters of all layers. Norms and biases are a hundred-thousandth of them."""
        attention = self.hidden * self.head_dim * (2 * self.heads + 2 * self.kv_heads)
        return self.layers * (attention + 3 * self.hidden * self.intermediate)

    @property
    def parameters(self) -> int:
        return self.linear + self.embeddings

    def weights(self, precision: Precision) -> int:
        """Return the weights' size in bytes."""
        return round(self.linear * BYTES[precision] + self.embeddings * BYTES_BF16)

    def kv_per_token(self, *, item: int = 2) -> int:
        """Return the KV cache's bytes for one token; an item has 2 in BF16, 1 in FP8."""
        return 2 * self.layers * self.kv_heads * self.head_dim * item


def shape_of(config: Mapping[str, Any]) -> Shape:
    """Read a config.json; raises UnfitModel."""
    try:
        hidden, heads = int(config["hidden_size"]), int(config["num_attention_heads"])
        return Shape(
            layers=int(config["num_hidden_layers"]),
            hidden=hidden,
            heads=heads,
            kv_heads=int(config.get("num_key_value_heads") or heads),
            head_dim=int(config.get("head_dim") or hidden // heads),
            intermediate=int(config["intermediate_size"]),
            vocabulary=int(config["vocab_size"]),
            tied=bool(config.get("tie_word_embeddings", False)),
        )
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise UnfitModel(
            f"The model's config.json does not tell its shape ({error}): is it a Hermes model?"
        ) from error


def precision_of(config: Mapping[str, Any]) -> Precision:
    """Read how a model's weights are quantized; raises UnfitModel."""
    quantization = config.get("quantization_config")
    if not quantization:
        return Precision.BF16
    method = str(quantization.get("quant_method", "unknown"))
    found = {"fp8": Precision.FP8, "awq": Precision.AWQ}.get(method) or _compressed(quantization)
    if found is None:
        raise UnfitModel(f"The model's weights are quantized by “{method}”: use a BF16, FP8 or AWQ build.")
    return found


def _compressed(quantization: Mapping[str, Any]) -> Precision | None:
    """Builds by llm-compressor say how many bits, not by which method."""
    if quantization.get("quant_method") != "compressed-tensors":
        return None
    groups = (quantization.get("config_groups") or {}).values()
    weights = [group.get("weights") or {} for group in groups]
    kinds = {f"{each.get('type')}{each.get('num_bits')}" for each in weights}
    return {"float8": Precision.FP8, "int4": Precision.AWQ}.get(kinds.pop()) if len(kinds) == 1 else None
