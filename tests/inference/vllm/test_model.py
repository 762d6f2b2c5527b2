"""Which model is meant, and whether it can be served."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.engine import PromptFormat
from inference.vllm.errors import ServeError, UnfitModel, UnknownModel
from inference.vllm.model import find_models
from inference.vllm.shapes import Precision
from tests.inference.vllm.folders import CHATML, LLAMA3, QUANTIZATIONS, SIZES, THINK, gguf_file, model_folder

CONFIRMED = {
    "14b": ["NousResearch/Hermes-4-14B", "NousResearch/Hermes-4-14B-FP8"],
    "36b": ["NousResearch/Hermes-4.3-36B"],
    "70b": ["NousResearch/Hermes-4-70B", "NousResearch/Hermes-4-70B-FP8"],
    "405b": ["NousResearch/Hermes-4-405B", "NousResearch/Hermes-4-405B-FP8"],
}
FORMATS = {
    "14b": PromptFormat.CHATML,
    "36b": PromptFormat.LLAMA3,
    "70b": PromptFormat.LLAMA3,
    "405b": PromptFormat.LLAMA3,
}


@pytest.mark.parametrize("size", SIZES)
def test_a_short_name_is_its_confirmed_repositories(size: str) -> None:
    assert [model.source for model in find_models(size)] == CONFIRMED[size]
    assert {model.prompt_format for model in find_models(size.upper())} == {FORMATS[size]}


@pytest.mark.parametrize("repository", [name for names in CONFIRMED.values() for name in names])
def test_a_confirmed_repository_is_exactly_that_build(repository: str) -> None:
    [model] = find_models(repository)
    assert model.source == repository
    assert model.precision == (Precision.FP8 if repository.endswith("-FP8") else Precision.BF16)
    assert not model.is_local


@pytest.mark.parametrize(
    ("text", "precision", "words"),
    [
        ("14b", Precision.AWQ, "confirmed in BF16 and FP8 only. A build in AWQ by somebody else is served from its"),
        ("36b", Precision.FP8, "confirmed in BF16 only"),
        ("NousResearch/Hermes-4-70B", Precision.FP8, "confirmed in BF16 only"),
        ("80b", None, "choose 14b, 36b, 70b, 405b"),
        ("Doradus/Hermes-4.3-36B-FP8", None, "not a repository we have confirmed: download the model"),
        ("./nothing-there", None, "There is nothing at ./nothing-there"),
        ("hermes.gguf", None, "There is nothing at hermes.gguf"),
    ],
)
def test_what_is_not_confirmed_is_taken_by_path_only(text: str, precision: Precision | None, words: str) -> None:
    with pytest.raises(UnknownModel, match=words):
        find_models(text, precision=precision)


def test_a_published_model_has_its_own_format() -> None:
    with pytest.raises(UnfitModel, match="trained on chatml: leave --prompt-format out"):
        find_models("14b", prompt_format=PromptFormat.LLAMA3)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("precision", Precision)
def test_a_folder_tells_everything_itself(size: str, precision: Precision, tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "Some-Build", size, quantization=QUANTIZATIONS[precision])
    [model] = find_models(str(folder))
    assert (model.precision, model.prompt_format, model.name) == (precision, FORMATS[size], "some-build")
    assert model.is_local


def test_a_folder_is_taken_before_a_short_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model_folder(tmp_path / "14b", "70b")
    monkeypatch.chdir(tmp_path)
    assert find_models("14b")[0].source == str(tmp_path / "14b")


@pytest.mark.parametrize(
    ("architecture", "tokens", "found"),
    [
        ("qwen3", CHATML, PromptFormat.CHATML),
        ("llama", LLAMA3, PromptFormat.LLAMA3),
        ("seed_oss", LLAMA3, PromptFormat.LLAMA3),
        ("llama", (*CHATML, *LLAMA3), PromptFormat.LLAMA3),
        ("qwen3", (*CHATML, *LLAMA3), PromptFormat.CHATML),
        ("llama", CHATML, PromptFormat.CHATML),
        ("mistral", CHATML, PromptFormat.CHATML),
    ],
)
def test_tokens_and_architecture_decide_the_format(
    architecture: str, tokens: tuple[str, ...], found: PromptFormat, tmp_path: Path
) -> None:
    folder = model_folder(tmp_path / "m", tokens=[*tokens, *THINK], model_type=architecture)
    assert find_models(str(folder))[0].prompt_format == found


def test_where_they_do_not_decide_the_operator_does(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m", tokens=[*CHATML, *LLAMA3, *THINK], model_type="mistral")
    with pytest.raises(UnfitModel, match="add --prompt-format chatml or --prompt-format llama3"):
        find_models(str(folder))
    [model] = find_models(str(folder), prompt_format=PromptFormat.CHATML)
    assert model.prompt_format == PromptFormat.CHATML


def test_a_format_that_the_tokenizer_does_not_know_is_refused(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m", "14b")
    with pytest.raises(UnfitModel, match="does not know <|start_header_id|>, which --prompt-format llama3"):
        find_models(str(folder), prompt_format=PromptFormat.LLAMA3)


@pytest.mark.parametrize(
    ("tokens", "words"),
    [
        (LLAMA3, "does not have <think> and </think> as single tokens"),
        ((*LLAMA3, "<think>"), "does not have </think> as single tokens"),
        (THINK, "this is not a Hermes 4 model"),
    ],
)
def test_a_tokenizer_without_hermes_tokens_is_refused_before_vllm_does(
    tokens: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    folder = model_folder(tmp_path / "m", tokens=tokens)
    with pytest.raises(UnfitModel, match=words):
        find_models(str(folder))


def test_an_older_folder_tells_its_tokens_in_the_tokenizers_config(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    added = ",".join(f'"{number}": {{"content": "{token}"}}' for number, token in enumerate((*LLAMA3, *THINK)))
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").write_text(f'{{"added_tokens_decoder": {{{added}}}}}')
    assert find_models(str(folder))[0].prompt_format == PromptFormat.LLAMA3


def test_a_precision_that_the_folder_does_not_have_is_refused(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m", quantization=QUANTIZATIONS["awq"])
    with pytest.raises(UnfitModel, match="are AWQ: leave --precision out"):
        find_models(str(folder), precision=Precision.FP8)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_a_folder_that_is_not_whole_is_named(name: str, content: str | None, tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    (folder / name).unlink() if content is None else (folder / name).write_text(content)
    with pytest.raises(UnfitModel, match="give the folder with all|download it again"):
        find_models(str(folder))


def test_a_gguf_file_tells_everything_itself(tmp_path: Path) -> None:
    path = gguf_file(tmp_path / "Hermes-4-70B-Q4_K_M.gguf", [*LLAMA3, *THINK])
    [model] = find_models(str(path))
    assert (model.is_gguf, model.kind, model.precision) == (True, "GGUF", None)
    assert (model.name, model.prompt_format, model.context) == ("hermes-4-70b-q4_k_m", PromptFormat.LLAMA3, 131072)
    assert model.weights == path.stat().st_size


def test_a_gguf_file_has_its_own_quantization(tmp_path: Path) -> None:
    path = gguf_file(tmp_path / "m.gguf", LLAMA3)
    with pytest.raises(ServeError, match="leave --precision out"):
        find_models(str(path), precision=Precision.FP8)
