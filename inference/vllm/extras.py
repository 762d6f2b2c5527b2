"""What an operator may hand to the engine after `--`: nothing that opens it, or undoes what we have set."""

from __future__ import annotations

from collections.abc import Sequence, Set

from inference.vllm.errors import WrongOption

VLLM = frozenset(
    {
        "--async-scheduling",
        "--attention-backend",
        "--block-size",
        "--cpu-offload-gb",
        "--disable-custom-all-reduce",
        "--disable-uvicorn-access-log",
        "--distributed-timeout-seconds",
        "--download-dir",
        "--dtype",
        "--enable-per-request-metrics",
        "--kv-cache-memory-bytes",
        "--kv-offloading-size",
        "--load-format",
        "--long-prefill-token-threshold",
        "--max-num-batched-tokens",
        "--max-num-queued-tokens",
        "--no-async-scheduling",
        "--revision",
        "--seed",
        "--stream-interval",
        "--uvicorn-log-level",
    }
)
IN_PROCESS = frozenset({"--batch-size", "--n-gpu-layers", "--threads", "--ubatch-size"})
LLAMA_CPP = IN_PROCESS | frozenset(
    {
        "--cache-ram",
        "--cache-type-k",
        "--cache-type-v",
        "--flash-attn",
        "--main-gpu",
        "--split-mode",
        "--tensor-split",
        "--verbosity",
    }
)


def check_extras(words: Sequence[str], allowed: Set[str]) -> tuple[str, ...]:
    """Return them as they are; raises WrongOption for one that is not on the list."""
    for place, word in enumerate(words):
        is_value = place > 0 and not word.startswith("--") and not _is_value(words, place - 1)
        if not is_value and word.partition("=")[0] not in allowed:
            raise WrongOption(
                f"{word} is not passed on to the engine. After “--” there may be: {', '.join(sorted(allowed))}."
            )
    return tuple(words)


def _is_value(words: Sequence[str], place: int) -> bool:
    """Every option takes one value at most."""
    return not words[place].startswith("--") or "=" in words[place]
