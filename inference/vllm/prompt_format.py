"""Which prompt format a model was trained on, and whether its tokenizer has the tokens for it."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path

from inference.engine import PromptFormat
from inference.vllm.errors import UnfitModel

MARKERS = {PromptFormat.CHATML: "<|im_start|>", PromptFormat.LLAMA3: "<|start_header_id|>"}
# Hermes 4's card says “chatml” for all sizes; only the 14B, on Qwen3, is.
TRAINED = {"qwen3": PromptFormat.CHATML, "llama": PromptFormat.LLAMA3, "seed_oss": PromptFormat.LLAMA3}
THINK = ("<think>", "</think>")
TEMPLATES = Path(__file__).resolve().parent / "templates"


def template(prompt_format: PromptFormat) -> Path:
    """Return our chat template's file."""
    return TEMPLATES / f"{prompt_format.value}.jinja"


def choose_format(tokens: Set[str], *, architecture: str, wanted: PromptFormat | None = None) -> PromptFormat:
    """Decide by the tokenizer's tokens and the architecture, unless it is wanted; raises UnfitModel."""
    known = {each for each, marker in MARKERS.items() if marker in tokens}
    if wanted:
        return _wanted(wanted, known)
    trained = TRAINED.get(architecture)
    if trained in known:
        return trained
    if len(known) == 1:
        return known.pop()
    if known:
        raise UnfitModel(
            f"This model's tokens ({architecture}) allow both prompt formats: "
            "add --prompt-format chatml or --prompt-format llama3, as its card says."
        )
    raise UnfitModel(
        f"The tokenizer knows neither {' nor '.join(MARKERS.values())}: this is not a Hermes 4 model. "
        "Give the folder of an instruction-tuned Hermes 4."
    )


def check_think_tokens(tokens: Set[str]) -> None:
    """Raise UnfitModel unless both think tags are single tokens: vLLM would refuse to start."""
    missing = [tag for tag in THINK if tag not in tokens]
    if missing:
        raise UnfitModel(
            f"The tokenizer does not have {' and '.join(missing)} as single tokens, which reasoning needs: "
            "use a Hermes 4 model with its own, unchanged tokenizer files."
        )


def _wanted(wanted: PromptFormat, known: Set[PromptFormat]) -> PromptFormat:
    if wanted not in known:
        raise UnfitModel(
            f"The tokenizer does not know {MARKERS[wanted]}, which --prompt-format {wanted} marks turns by: "
            "leave the option out."
        )
    return wanted
