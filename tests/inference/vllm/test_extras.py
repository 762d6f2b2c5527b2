"""What may follow “--”."""

from __future__ import annotations

import pytest

from inference.vllm.errors import WrongOption
from inference.vllm.extras import IN_PROCESS, LLAMA_CPP, VLLM, check_extras

# Each of them would open the engine, run foreign code, or undo what the site relies on.
DANGEROUS = [
    "--trust-remote-code",
    "--trust-request-chat-template",
    "--host",
    "--api-key",
    "--enable-lora",
    "--lora-modules",
    "--enable-tokenizer-info-endpoint",
    "--tool-server",
    "--chat-template",
    "--reasoning-parser-plugin",
    "--tool-parser-plugin",
    "--served-model-name",
    "--enable-scale-out",
    "--enable-sleep-mode",
    "--data-parallel-size",
    "--config",
    "--middleware",
    "--tools",
    "--agent",
    "--ui-mcp-proxy",
    "--props",
    "--slot-save-path",
    "-cb",
]


@pytest.mark.parametrize("words", [[], ["--seed", "7"], ["--seed=7", "--async-scheduling"], ["--dtype", "float32"]])
def test_harmless_options_pass(words: list[str]) -> None:
    assert check_extras(words, VLLM) == tuple(words)


@pytest.mark.parametrize("option", DANGEROUS)
@pytest.mark.parametrize("allowed", [VLLM, LLAMA_CPP, IN_PROCESS])
@pytest.mark.parametrize("before", [[], ["--seed", "7"], ["--threads", "2"], ["--seed=7"]])
def test_others_are_refused_wherever_they_stand(option: str, allowed: frozenset[str], before: list[str]) -> None:
    with pytest.raises(WrongOption, match="is not passed on to the engine"):
        check_extras([*before, option, "x"], allowed)
    with pytest.raises(WrongOption, match="is not passed on to the engine"):
        check_extras([*before, f"{option}=x"], allowed)


@pytest.mark.parametrize("words", [["7"], ["--seed", "7", "8"], ["--seed=7", "8"]])
def test_a_word_that_belongs_to_no_option_is_refused(words: list[str]) -> None:
    with pytest.raises(WrongOption, match=f"^{words[-1]} is not passed on"):
        check_extras(words, VLLM)
