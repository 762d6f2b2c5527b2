"""Find the model that is meant: a short name, a confirmed repository, a folder, or a GGUF file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.engine import PromptFormat
from inference.llama_cpp.gguf import read_header
from inference.vllm.catalogue import RELEASES, Release
from inference.vllm.errors import UnfitModel, UnknownModel
from inference.vllm.prompt_format import check_think_tokens, choose_format
from inference.vllm.shapes import Precision, Shape, precision_of, shape_of

CONTEXT_UNKNOWN = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What can be served. `source` is what the engine is given; `precision` is None for a GGUF file."""

    source: str
    title: str
    name: str
    prompt_format: PromptFormat
    shape: Shape
    context: int
    precision: Precision | None
    weights: int
    is_local: bool = False

    @property
    def is_gguf(self) -> bool:
        return self.precision is None

    @property
    def kind(self) -> str:
        """The word for its precision."""
        return self.precision.label if self.precision else "GGUF"


def find_models(
    text: str, *, precision: Precision | None = None, prompt_format: PromptFormat | None = None
) -> Sequence[Model]:
    """Return the builds that fit a name, the most precise first, or the one at a path. Raises ServeError."""
    path = Path(text).expanduser()
    if path.is_file() and path.suffix == ".gguf":
        return [_gguf(path.resolve(), precision, prompt_format)]
    if path.is_dir():
        return [_folder(path.resolve(), precision, prompt_format)]
    return _published(text, precision, prompt_format)


def _published(text: str, precision: Precision | None, prompt_format: PromptFormat | None) -> Sequence[Model]:
    builds = [
        _build(release, each)
        for short, release in RELEASES.items()
        for each, repository in release.repositories.items()
        if text.lower() == short or text == repository
    ]
    if not builds:
        raise _unknown(text)
    chosen = [build for build in builds if precision in (None, build.precision)]
    if not chosen:
        raise UnknownModel(_unpublished(builds, str(precision)))
    if prompt_format and prompt_format != chosen[0].prompt_format:
        raise UnfitModel(f"{chosen[0].title} was trained on {chosen[0].prompt_format}: leave --prompt-format out.")
    return chosen


def _build(release: Release, precision: Precision) -> Model:
    return Model(
        source=release.repositories[precision],
        title=release.title,
        name=release.name,
        prompt_format=release.prompt_format,
        shape=release.shape,
        context=release.context,
        precision=precision,
        weights=release.shape.weights(precision),
    )


def _unpublished(builds: Sequence[Model], precision: str) -> str:
    there = " and ".join(build.kind for build in builds)
    return (
        f"{builds[0].title} is confirmed in {there} only. A build in {precision.upper()} by somebody else "
        "is served from its folder: download it, look at it, and give its path."
    )


def _unknown(text: str) -> UnknownModel:
    if text.endswith(".gguf") or text.startswith((".", "/", "~")):
        return UnknownModel(f"There is nothing at {text}: give a model's folder or a .gguf file.")
    if "/" in text:
        return UnknownModel(
            f"{text} is not a repository we have confirmed: download the model, look at it, and give its folder. "
            "Confirmed are "
            + ", ".join(name for release in RELEASES.values() for name in release.repositories.values())
            + "."
        )
    return UnknownModel(
        f"There is no model “{text}”: choose {', '.join(RELEASES)}, or give a repository, a folder or a .gguf file."
    )


def _folder(path: Path, precision: Precision | None, prompt_format: PromptFormat | None) -> Model:
    config = _json(path / "config.json")
    shape, found, tokens = shape_of(config), precision_of(config), _tokens(path)
    if precision and precision != found:
        raise UnfitModel(
            f"The weights in {path} are {found.label}: leave --precision out, "
            f"or give a folder with {precision.label}."
        )
    decided = choose_format(tokens, architecture=str(config.get("model_type", "unknown")), wanted=prompt_format)
    check_think_tokens(tokens)
    return Model(
        source=str(path),
        title=path.name,
        name=path.name.lower(),
        prompt_format=decided,
        shape=shape,
        context=int(config.get("max_position_embeddings") or CONTEXT_UNKNOWN),
        precision=found,
        weights=shape.weights(found),
        is_local=True,
    )


def _gguf(path: Path, precision: Precision | None, prompt_format: PromptFormat | None) -> Model:
    if precision:
        raise UnfitModel("A GGUF file has its own quantization: leave --precision out.")
    header = read_header(path)
    return Model(
        source=str(path),
        title=path.stem,
        name=path.stem.lower(),
        prompt_format=choose_format(header.tokens, architecture=header.architecture, wanted=prompt_format),
        shape=header.shape,
        context=header.context,
        precision=None,
        weights=path.stat().st_size,
        is_local=True,
    )


def _tokens(folder: Path) -> frozenset[str]:
    """Return every text that is one token."""
    if (folder / "tokenizer.json").is_file():
        tokenizer = _json(folder / "tokenizer.json")
        vocabulary = (tokenizer.get("model") or {}).get("vocab") or {}
        entries = tokenizer.get("added_tokens") or []
        return frozenset(each["content"] for each in entries) | frozenset(
            vocabulary if isinstance(vocabulary, Mapping) else ()
        )
    added = _json(folder / "tokenizer_config.json").get("added_tokens_decoder") or {}
    return frozenset(each["content"] for each in added.values())


def _json(path: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnfitModel(
            f"{path} cannot be read ({error.strerror}): give the folder with all of the model's files."
        ) from error
    except ValueError as error:
        raise UnfitModel(f"{path} is not JSON: download it again.") from error
    if not isinstance(document, dict):
        raise UnfitModel(f"{path} is not what a model's folder holds: download it again.")
    return document
