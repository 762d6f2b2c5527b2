"""The key that an engine asks for, made once and kept where only its owner reads it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path

from inference.vllm.errors import WrongOption

NAME = "HERMES_ENGINE_API_KEY"


def key_file(data_dir: Path) -> Path:
    """Return where a key of our own making is kept."""
    return data_dir / "secrets" / NAME


def made_key(path: Path) -> str:
    """Return the key in a file, made first if there is none. Raises WrongOption."""
    try:
        if not path.exists():
            _make(path)
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise WrongOption(
            f"The engine's key {path} cannot be read or made ({error.strerror}): "
            f"change its owner, or give a key in {NAME}_FILE."
        ) from error


def key_expression(path: Path, environment: Mapping[str, str]) -> str:
    """Return what a shell finds the key by, without the key itself."""
    if environment.get(NAME):
        return f"${NAME}"
    if environment.get(f"{NAME}_FILE"):
        return f"$(cat {shlex.quote(environment[f'{NAME}_FILE'])})"
    folder = environment.get("HERMES_SECRETS_DIR")
    if folder and (Path(folder) / NAME).exists():
        return f"$(cat {shlex.quote(str(Path(folder) / NAME))})"
    return f"$(cat {shlex.quote(str(path))})"


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Whole or not at all, and the first wins; such a file is its owner's alone from its first byte.
    with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        with contextlib.suppress(FileExistsError):
            os.link(file.name, path)
